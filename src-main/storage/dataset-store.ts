// Sources, patients, volumes, items and tags of a project.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { FoundTruth, FoundVolume, SourceKind } from '../../src-core/datasets/importer.ts';
import type { IntensityRange } from '../../src-core/imaging/normalise.ts';
import type { Affine, Spacing } from '../../src-core/imaging/nifti-geometry.ts';
import type { ItemState } from '../../src-core/review/item-state.ts';
import type { Split } from '../../src-core/datasets/split.ts';
import type { DataItem, TaggedRegion } from '../../src-core/training/data.ts';
import { parseStored } from './stored-json.ts';

/** A source file as it was at import. */
export interface SourceRecord {
  /** Relative to the project folder, so that both may move together. */
  readonly relativePath: string;
  readonly absolutePath: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** CRC-32 of the whole file. */
  readonly checksum: number;
  readonly kind: SourceKind;
}

/** A volume (or single image) of a project. */
export interface ProjectVolume {
  readonly id: string;
  readonly patient: string;
  readonly split: Split;
  readonly source: SourceRecord;
  /** Number of the phase in its file, from 0. */
  readonly phaseIndex: number;
  readonly phase: string;
  /** Number of the phase in its recording, from 1, where the source states it. */
  readonly frame: number | null;
  readonly slices: number;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly range: IntensityRange;
  /** Values that the source asks to be shown as black and white; null where it does not say. */
  readonly shown: IntensityRange | null;
  readonly spacing: Spacing | null;
  /** Columns, rows and slices to millimetres towards right, front and head; null where it is unknown or contradictory. */
  readonly affine: Affine | null;
  /** Where each slice lies; null where `source` holds them all in their order. */
  readonly parts: readonly ProjectPart[] | null;
  readonly truth: ProjectTruth | null;
}

/** Number of a volume's phase in its recording, from 0: files that hold one frame each count their phases from 0 on their own. */
export function momentOf({ frame, phaseIndex }: Pick<ProjectVolume, 'frame' | 'phaseIndex'>): number {
  return frame === null ? phaseIndex : frame - 1;
}

/** The same in SQL, where `v` is the volume. */
export const MOMENT = 'coalesce(v.frame - 1, v.phase_index)';

/** Whether a project has volumes of more than one slice. */
export function hasVolumes(database: DatabaseSync): boolean {
  return Number(database.prepare('SELECT max(slices) AS n FROM volumes').get()?.['n'] ?? 0) > 1;
}

/** Where a slice lies that has a file, or a frame of one, to itself. */
export interface ProjectPart {
  readonly source: SourceRecord;
  /** Frame of the file, from 0. */
  readonly frame: number;
}

/** Where the truth of a volume lies. */
export interface ProjectTruth extends Pick<FoundTruth, 'phaseIndex' | 'values'> {
  readonly source: SourceRecord;
}

/** An item of a project: what training sees, and its place and state. */
export interface ProjectItem extends DataItem {
  readonly phase: string;
  readonly frame: number | null;
  readonly state: ItemState;
}

/** The files of a volume. */
export interface VolumeSources {
  readonly source: SourceRecord;
  readonly truth: SourceRecord | undefined;
  /** In the order of the slices; empty where the source holds them all. */
  readonly parts: readonly ProjectPart[];
}

/** Writes found volumes. The caller holds a transaction. */
export class DatasetWriter {
  private readonly database: DatabaseSync;
  private readonly insertPatient: StatementSync;
  private readonly insertVolume: StatementSync;
  private readonly insertItem: StatementSync;
  private readonly insertTag: StatementSync;
  private readonly insertSource: StatementSync;
  private readonly insertPart: StatementSync;
  private readonly patients = new Map<string, number>();

  constructor(database: DatabaseSync) {
    this.database = database;
    this.insertPatient = database.prepare(`INSERT INTO patients (name, split) VALUES (?, 'train')`);
    this.insertSource = database.prepare(
      `INSERT INTO sources (relative_path, absolute_path, size, modified, checksum, kind) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (relative_path) DO UPDATE SET size = excluded.size RETURNING number`,
    );
    this.insertVolume = database.prepare(
      `INSERT INTO volumes (id, patient, source, phase_index, phase, frame, slices, width, height, channels, low, high,
         spacing_x, spacing_y, spacing_z, truth_source, truth_phase_index, truth_values, affine, shown_low, shown_high)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.insertPart = database.prepare('INSERT INTO parts (volume, slice, source, frame) VALUES (?, ?, ?, ?)');
    this.insertItem = database.prepare('INSERT INTO items (id, volume, slice) VALUES (?, ?, ?)');
    this.insertTag = database.prepare(
      `INSERT INTO tags (item, x, y, width, height, present, origin) VALUES (?, ?, ?, ?, ?, ?, 'imported')`,
    );
  }

  /** Adds one volume with its items and tags; gives the row number of each item. */
  add(volume: FoundVolume, { source, truth, parts }: VolumeSources): number[] {
    const added = this.insertVolume.run(
      volume.id,
      this.patientNumber(volume.patient),
      this.sourceNumber(source),
      volume.phaseIndex,
      volume.phase,
      volume.frame,
      volume.items.length,
      volume.width,
      volume.height,
      volume.channels,
      volume.range.low,
      volume.range.high,
      volume.spacing?.x ?? null,
      volume.spacing?.y ?? null,
      volume.spacing?.z ?? null,
      truth ? this.sourceNumber(truth) : null,
      volume.truth?.phaseIndex ?? null,
      volume.truth ? JSON.stringify(volume.truth.values) : null,
      volume.affine ? JSON.stringify(volume.affine) : null,
      volume.shown?.low ?? null,
      volume.shown?.high ?? null,
    );
    for (const [slice, part] of parts.entries()) {
      this.insertPart.run(added.lastInsertRowid, slice, this.sourceNumber(part.source), part.frame);
    }
    return volume.items.map((item) => {
      const number = this.insertItem.run(item.id, added.lastInsertRowid, item.slice).lastInsertRowid;
      for (const { window, present } of item.tags) {
        const { x = null, y = null, width = null, height = null } = window ?? {};
        this.insertTag.run(number, x, y, width, height, Uint8Array.from(present));
      }
      return Number(number);
    });
  }

  /** Places patients on their side. */
  setSplits(splits: ReadonlyMap<string, Split>): void {
    const update = this.database.prepare('UPDATE patients SET split = ? WHERE name = ?');
    for (const [name, split] of splits) update.run(split, name);
  }

  private patientNumber(name: string): number {
    const known = this.patients.get(name);
    if (known !== undefined) return known;
    const number = Number(this.insertPatient.run(name).lastInsertRowid);
    this.patients.set(name, number);
    return number;
  }

  private sourceNumber(source: SourceRecord): number {
    const { relativePath, absolutePath, size, modified, checksum, kind } = source;
    return Number(this.insertSource.get(relativePath, absolutePath, size, modified, checksum, kind)?.['number']);
  }
}

/** All items in the order they were found. */
export function readItems(database: DatabaseSync): ProjectItem[] {
  const rows = database.prepare(
    `SELECT i.id, i.slice, i.state, v.id AS volume, v.width, v.height, v.phase, v.frame, p.name AS patient, p.split
     FROM items i JOIN volumes v ON v.number = i.volume JOIN patients p ON p.number = v.patient ORDER BY i.number`,
  );
  const items: ProjectItem[] = [];
  for (const row of rows.iterate()) {
    items.push({
      id: String(row['id']),
      group: String(row['patient']),
      volume: String(row['volume']),
      slice: Number(row['slice']),
      // The writer stores only these words.
      split: String(row['split']) as Split,
      width: Number(row['width']),
      height: Number(row['height']),
      phase: String(row['phase']),
      frame: row['frame'] === null ? null : Number(row['frame']),
      state: String(row['state']) as ItemState,
    });
  }
  return items;
}

/** All tags. Equal presences share one array: a hundred thousand tags name few combinations of classes. */
export function readTags(database: DatabaseSync): TaggedRegion[] {
  const rows = database.prepare(
    `SELECT i.id, t.x, t.y, t.width, t.height, t.present FROM tags t JOIN items i ON i.number = t.item ORDER BY t.number`,
  );
  const presences = new Map<string, readonly number[]>();
  const tags: TaggedRegion[] = [];
  for (const row of rows.iterate()) {
    // Stored as a blob.
    const stored = Array.from(row['present'] as Uint8Array);
    const key = stored.join();
    const present = presences.get(key) ?? stored;
    presences.set(key, present);
    const item = String(row['id']);
    if (row['x'] === null) {
      tags.push({ item, present });
      continue;
    }
    const window = {
      x: Number(row['x']),
      y: Number(row['y']),
      width: Number(row['width']),
      height: Number(row['height']),
    };
    tags.push({ item, window, present });
  }
  return tags;
}

/** All volumes with their sources, in the order they were found. */
export function readVolumes(database: DatabaseSync): ProjectVolume[] {
  return readSomeVolumes(database, 'TRUE', []);
}

/** The volume that an item belongs to, and the item's slice of it; undefined where there is no such item. */
export function readPlace(database: DatabaseSync, item: string): { volume: ProjectVolume; slice: number } | undefined {
  const row = database.prepare('SELECT volume, slice FROM items WHERE id = ?').get(item);
  const [volume] = row ? readSomeVolumes(database, 'v.number = ?', [Number(row['volume'])]) : [];
  return row && volume && { volume, slice: Number(row['slice']) };
}

/** @param condition - on `v`, a volume */
function readSomeVolumes(database: DatabaseSync, condition: string, values: readonly number[]): ProjectVolume[] {
  const those = `SELECT v.* FROM volumes v WHERE ${condition}`;
  const sources = new Map<number, SourceRecord>();
  const needed = `SELECT source FROM (${those}) UNION SELECT truth_source FROM (${those})
    UNION SELECT source FROM parts WHERE volume IN (SELECT number FROM (${those}))`;
  const rowsOfSources = database.prepare(`SELECT * FROM sources WHERE number IN (${needed})`);
  for (const row of rowsOfSources.iterate(...values, ...values, ...values)) {
    sources.set(Number(row['number']), {
      relativePath: String(row['relative_path']),
      absolutePath: String(row['absolute_path']),
      size: Number(row['size']),
      modified: Number(row['modified']),
      checksum: Number(row['checksum']),
      // The writer stores only these words.
      kind: String(row['kind']) as SourceKind,
    });
  }
  const partsOf = database.prepare(
    `SELECT * FROM parts WHERE volume IN (SELECT number FROM (${those})) ORDER BY volume, slice`,
  );
  const parts = readParts(partsOf.iterate(...values), sources);
  const rows = database.prepare(
    `SELECT v.*, p.name AS patient_name, p.split FROM volumes v JOIN patients p ON p.number = v.patient
     WHERE ${condition} ORDER BY v.number`,
  );
  return Array.from(rows.iterate(...values), (row) =>
    volumeOfRow(row, sources, parts.get(Number(row['number'])) ?? null),
  );
}

function readParts(
  rows: Iterable<Record<string, unknown>>,
  sources: ReadonlyMap<number, SourceRecord>,
): Map<number, ProjectPart[]> {
  const parts = new Map<number, ProjectPart[]>();
  for (const row of rows) {
    const source = sources.get(Number(row['source']));
    if (!source) throw new Error(`slice ${Number(row['slice'])}: its source is not recorded`);
    const volume = Number(row['volume']);
    const mine = parts.get(volume) ?? [];
    parts.set(volume, mine);
    mine.push({ source, frame: Number(row['frame']) });
  }
  return parts;
}

function affineOf(stored: unknown): Affine | null {
  // Written by JSON.stringify of the same type.
  return typeof stored === 'string' ? (parseStored(stored, 'the affine of a volume') as Affine) : null;
}

function volumeOfRow(
  row: Record<string, unknown>,
  sources: ReadonlyMap<number, SourceRecord>,
  parts: readonly ProjectPart[] | null,
): ProjectVolume {
  const source = sources.get(Number(row['source']));
  if (!source) throw new Error(`volume ${String(row['id'])}: its source is not recorded`);
  const truth = row['truth_source'] === null ? undefined : sources.get(Number(row['truth_source']));
  const hasSpacing = row['spacing_x'] !== null;
  return {
    id: String(row['id']),
    patient: String(row['patient_name']),
    // The writer stores only these words.
    split: String(row['split']) as Split,
    source,
    phaseIndex: Number(row['phase_index']),
    phase: String(row['phase']),
    frame: row['frame'] === null ? null : Number(row['frame']),
    slices: Number(row['slices']),
    width: Number(row['width']),
    height: Number(row['height']),
    channels: row['channels'] === 3 ? 3 : 1,
    range: { low: Number(row['low']), high: Number(row['high']) },
    shown: row['shown_low'] === null ? null : { low: Number(row['shown_low']), high: Number(row['shown_high']) },
    affine: affineOf(row['affine']),
    parts,
    spacing: hasSpacing
      ? { x: Number(row['spacing_x']), y: Number(row['spacing_y']), z: Number(row['spacing_z']) }
      : null,
    truth: truth
      ? {
          source: truth,
          phaseIndex: Number(row['truth_phase_index']),
          // Written by JSON.stringify of the same type.
          values: parseStored(row['truth_values'], 'the mask values of a volume') as Record<number, number>,
        }
      : null,
  };
}
