// Tables of project.db and the steps from one version to the next.
import type { DatabaseSync } from 'node:sqlite';

/** 'UNIA' in ASCII, so that any other SQLite file is told apart from a project. */
export const APPLICATION_ID = 0x554e4941;

/** Each step takes a database from the version of its position to the next one. */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE classes (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE patients (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, split TEXT NOT NULL);
  -- A source file as it was when imported. It is never written to.
  CREATE TABLE sources (
    number INTEGER PRIMARY KEY,
    relative_path TEXT NOT NULL UNIQUE,
    absolute_path TEXT NOT NULL,
    size INTEGER NOT NULL,
    modified REAL NOT NULL,
    checksum INTEGER NOT NULL,
    kind TEXT NOT NULL
  );
  CREATE TABLE volumes (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    patient INTEGER NOT NULL REFERENCES patients,
    source INTEGER NOT NULL REFERENCES sources,
    phase_index INTEGER NOT NULL,
    phase TEXT NOT NULL,
    frame INTEGER,
    slices INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    channels INTEGER NOT NULL,
    low REAL NOT NULL,
    high REAL NOT NULL,
    spacing_x REAL,
    spacing_y REAL,
    spacing_z REAL,
    truth_source INTEGER REFERENCES sources,
    truth_phase_index INTEGER,
    truth_values TEXT
  );
  CREATE TABLE items (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    volume INTEGER NOT NULL REFERENCES volumes,
    slice INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending'
  );
  CREATE INDEX items_of_volume ON items (volume, slice);
  -- present: one byte a class, 1 or 0. x, y, width and height are null for a tag on the whole image.
  CREATE TABLE tags (
    number INTEGER PRIMARY KEY,
    item INTEGER NOT NULL REFERENCES items,
    x INTEGER, y INTEGER, width INTEGER, height INTEGER,
    present BLOB NOT NULL,
    origin TEXT NOT NULL
  );
  CREATE INDEX tags_of_item ON tags (item);
  CREATE TABLE runs (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    created TEXT NOT NULL,
    status TEXT NOT NULL,
    configuration TEXT NOT NULL,
    summary TEXT
  );
  -- Label ids in runs (src-core/labels/label-codec.ts). run 0 belongs to no run (a reviewed mask).
  CREATE TABLE label_maps (
    item INTEGER NOT NULL REFERENCES items,
    kind TEXT NOT NULL,
    run INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (item, kind, run)
  );
  CREATE TABLE predictions (
    item INTEGER NOT NULL REFERENCES items,
    run INTEGER NOT NULL REFERENCES runs,
    score REAL NOT NULL,
    scores TEXT,
    PRIMARY KEY (item, run)
  ) WITHOUT ROWID;
  -- Values between low and high in steps of 8 or 16 bits, deflated.
  CREATE TABLE value_maps (
    item INTEGER NOT NULL REFERENCES items,
    run INTEGER NOT NULL REFERENCES runs,
    name TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    bits INTEGER NOT NULL,
    low REAL NOT NULL,
    high REAL NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (item, run, name)
  );
  CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    action TEXT NOT NULL,
    item INTEGER REFERENCES items,
    detail TEXT NOT NULL
  );
  `,
  `
  -- People who read on their own beside the first annotator. Numbers from 2: see READER in src-main/storage/reading-store.ts.
  CREATE TABLE readers (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, blind INTEGER NOT NULL);
  -- What a reader decided about an item. items.state repeats the state of reader 0, whose reading is the effective one.
  CREATE TABLE readings (
    item INTEGER NOT NULL REFERENCES items,
    reader INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    -- Suggested mask that the reader's mask began as; null for an empty one.
    base_run INTEGER REFERENCES runs,
    base_kind TEXT,
    annotator TEXT NOT NULL,
    at TEXT NOT NULL,
    -- When two readings of the item were brought together, as ISO time.
    adjudicated TEXT,
    PRIMARY KEY (item, reader)
  ) WITHOUT ROWID;
  CREATE INDEX readings_of_reader ON readings (reader, state);
  INSERT INTO readings (item, reader, state, reason, annotator, at)
    SELECT number, 0, state, '', '', '' FROM items WHERE state <> 'pending';
  -- One step of undo each, over any number of items.
  CREATE TABLE gestures (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    annotator TEXT NOT NULL,
    action TEXT NOT NULL,
    at TEXT NOT NULL,
    undone INTEGER NOT NULL DEFAULT 0
  );
  -- What a gesture changed of one item. part: the reader, or -1 for its tags. before and after: JSON, null where there was nothing.
  CREATE TABLE edits (
    number INTEGER PRIMARY KEY,
    gesture INTEGER NOT NULL REFERENCES gestures,
    item INTEGER NOT NULL REFERENCES items,
    part INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    before TEXT,
    after TEXT,
    mask BLOB,
    base BLOB
  );
  CREATE UNIQUE INDEX edits_of_item ON edits (item, part, gesture, bytes);
  CREATE INDEX edits_of_gesture ON edits (gesture);
  -- Measured from the run's label maps when they are stored: kind of the suggested mask, 1 - mean DSC between it and the pseudo
  -- mask, pixels of each class in it (JSON).
  ALTER TABLE predictions ADD COLUMN suggested TEXT;
  ALTER TABLE predictions ADD COLUMN disagreement REAL;
  ALTER TABLE predictions ADD COLUMN areas TEXT;
  CREATE INDEX predictions_of_run ON predictions (run, score);
  ALTER TABLE tags ADD COLUMN annotator TEXT NOT NULL DEFAULT '';
  ALTER TABLE audit ADD COLUMN annotator TEXT NOT NULL DEFAULT '';
  CREATE INDEX items_of_state ON items (state);
  CREATE INDEX volumes_of_patient ON volumes (patient);
  `,
  `
  -- Voxel indices to millimetres towards right, front and head, three rows of four as JSON; null where it is not known.
  ALTER TABLE volumes ADD COLUMN affine TEXT;
  -- Values that the source asks to be shown as black and white; null where it does not say.
  ALTER TABLE volumes ADD COLUMN shown_low REAL;
  ALTER TABLE volumes ADD COLUMN shown_high REAL;
  -- Where the slices of a volume lie that is spread over several files, or over the frames of one.
  CREATE TABLE parts (
    volume INTEGER NOT NULL REFERENCES volumes,
    slice INTEGER NOT NULL,
    source INTEGER NOT NULL REFERENCES sources,
    frame INTEGER NOT NULL,
    PRIMARY KEY (volume, slice)
  ) WITHOUT ROWID;
  `,
];

/** The version that this program reads and writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Version of a project database; undefined where the file is none. */
export function schemaVersion(database: DatabaseSync): number | undefined {
  const application = pragma(database, 'application_id');
  return application === APPLICATION_ID ? pragma(database, 'user_version') : undefined;
}

/** Brings a database from a version to the present one (or, in tests, to an earlier one), in one transaction. */
export function migrate(database: DatabaseSync, from: number, to = SCHEMA_VERSION): void {
  if (from === to) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const step of MIGRATIONS.slice(from, to)) database.exec(step);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${to}; COMMIT`);
  } catch (cause) {
    // A full disk has rolled the transaction back already.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw cause;
  }
}

function pragma(database: DatabaseSync, name: 'application_id' | 'user_version'): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}
