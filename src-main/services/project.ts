// A project folder: project.db beside runs/<id>/. Source images stay where they are and are only read.
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { ItemMaps } from '../../src-core/contract/picture.ts';
import type { ReadOnlyCause } from '../../src-core/contract/project.ts';
import type { LabelPlane } from '../../src-core/imaging/plane.ts';
import type { ItemState } from '../../src-core/review/item-state.ts';
import type { TaggedRegion } from '../../src-core/training/data.ts';
import { addAudit } from '../storage/audit-store.ts';
import {
  checkProjectFile,
  createDatabase,
  dataVersion,
  hasChangedUnseen,
  openDatabase,
  readOnlyCause,
  transaction,
} from '../storage/database.ts';
import {
  readItems,
  readPlace,
  readTags,
  readVolumes,
  type ProjectItem,
  type ProjectVolume,
} from '../storage/dataset-store.ts';
import { MapStore, packPrediction, type Prediction, type WantedMaps } from '../storage/map-store.ts';
import { READER, readFacts, writeFacts } from '../storage/reading-store.ts';
import { addRun, readRuns, updateRun, type RunRecord, type RunStatus } from '../storage/run-store.ts';
import { removePredictions } from '../storage/stale-predictions.ts';
import { explainStorageError, lookedAtOnly, ProjectError } from '../storage/project-error.ts';
import { shareWriterLock, takeWriterLock, type WriterLock } from '../storage/writer-lock.ts';
import { writeProjectFile } from '../storage/project-file.ts';
import { parseStored } from '../storage/stored-json.ts';

export type { Prediction, ValueMap } from '../storage/map-store.ts';
export type { ProjectItem, ProjectVolume } from '../storage/dataset-store.ts';
export type { RunRecord, RunStatus } from '../storage/run-store.ts';
export { REVIEWED, TRUTH } from '../storage/reading-store.ts';

/** Row number that stands for "no run" in the map tables. */
const NO_RUN = 0;

/**
 * How a project is open. `delegated`: a worker writes for the process that holds the writer lock, and ends with it; it
 * takes no lock of its own.
 */
export type ProjectMode = 'read' | 'write' | 'delegated';

/** An open project. One process, with its workers, may write at a time; any number may read. */
export class Project {
  readonly directory: string;
  readonly mode: ProjectMode;
  /** Why it was opened to look at only, where it was to be written; null otherwise. */
  readonly readOnly: ReadOnlyCause | null;
  /** Foreground classes in order; label id = index + 1. */
  readonly classes: readonly string[];
  /** The database, for the import that fills it. */
  readonly database: DatabaseSync;
  /** Counts what this process has written, so that lists know when they are out of date. */
  readonly changes = { readings: 0, tags: 0, predictions: 0 };
  private readonly lock: WriterLock | undefined;
  private readonly maps: MapStore;
  private cachedItems: { readonly items: readonly ProjectItem[]; readonly version: number } | undefined;
  private cachedVolumes: readonly ProjectVolume[] | undefined;

  private constructor(
    directory: string,
    mode: ProjectMode,
    database: DatabaseSync,
    lock: WriterLock | undefined,
    readOnly: ReadOnlyCause | null = null,
  ) {
    this.directory = directory;
    this.mode = mode;
    this.readOnly = readOnly;
    this.database = database;
    this.lock = lock;
    this.maps = new MapStore(database);
    this.classes = database
      .prepare('SELECT name FROM classes ORDER BY number')
      .all()
      .map((row) => String(row['name']));
  }

  /** Makes an empty project in an existing empty folder and opens it for writing. */
  static create(directory: string, classes: readonly string[]): Project {
    const path = resolve(directory);
    const lock = takeWriterLock(path);
    let database: DatabaseSync | undefined;
    try {
      const created = (database = createDatabase(path));
      writeProjectFile(path);
      transaction(created, path, () => {
        const insert = created.prepare('INSERT INTO classes (number, name) VALUES (?, ?)');
        classes.forEach((name, index) => insert.run(index + 1, name));
      });
      return new Project(path, 'write', created, lock);
    } catch (error) {
      database?.close();
      lock.release();
      throw error;
    }
  }

  /**
   * Opens a project; for writing unless told otherwise, which no second process can at the same time.
   *
   * @param holder - the process that a delegated worker works for; any that holds the project when absent
   */
  static open(directory: string, mode: ProjectMode = 'write', holder?: number): Project {
    const path = resolve(directory);
    if (mode === 'read') return Project.over(openDatabase(path, mode), path, mode, undefined);
    // Tells a missing or newer project apart before the lock leaves files beside it.
    checkProjectFile(path);
    const lock = mode === 'delegated' ? shareWriterLock(path, holder) : takeWriterLock(path);
    try {
      return Project.over(openDatabase(path, 'write'), path, mode, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Opens a project for writing, or to look at only where its folder, file or disk is read-only. */
  static openToUse(directory: string): Project {
    try {
      return Project.open(directory);
    } catch (error) {
      if (!(error instanceof ProjectError) || error.problem !== 'read-only') throw error;
      const path = resolve(directory);
      return Project.over(openDatabase(path, 'read'), path, 'read', undefined, readOnlyCause(path));
    }
  }

  /** Whether the folder is still the one that was opened, and still held by it. */
  get isInPlace(): boolean {
    try {
      this.lock?.check();
      return true;
    } catch {
      return false;
    }
  }

  /** Whether somebody else has written to a project that is open to look at only, which has to be opened again to be read. */
  get isOutdated(): boolean {
    return hasChangedUnseen(this.database, this.directory);
  }

  /** A database that turns out to be damaged is closed again: an open one cannot be moved or replaced. */
  private static over(
    database: DatabaseSync,
    path: string,
    mode: ProjectMode,
    lock: WriterLock | undefined,
    readOnly: ReadOnlyCause | null = null,
  ): Project {
    try {
      return new Project(path, mode, database, lock, readOnly);
    } catch (error) {
      database.close();
      throw explainStorageError(error, path);
    }
  }

  /** Writes what is pending and lets other processes write. Once is enough. */
  close(): void {
    if (!this.database.isOpen) return;
    this.database.close();
    this.lock?.release();
  }

  /** All items in the order they were imported. */
  get items(): readonly ProjectItem[] {
    const version = dataVersion(this.database);
    if (this.cachedItems?.version !== version) this.cachedItems = { items: readItems(this.database), version };
    return this.cachedItems.items;
  }

  /** To be called where states were written without `setState`. */
  forgetItems(): void {
    this.cachedItems = undefined;
    this.changes.readings++;
  }

  /** All volumes (or single images). */
  get volumes(): readonly ProjectVolume[] {
    this.cachedVolumes ??= readVolumes(this.database);
    return this.cachedVolumes;
  }

  /** The volume that an item belongs to, and its slice of it; without reading all the others. */
  place(item: string): { readonly volume: ProjectVolume; readonly slice: number } {
    const place = readPlace(this.database, item);
    if (!place) throw new Error(`item: expected one of the project, got "${item}"`);
    return place;
  }

  /** All tags, read anew at each call. */
  tags(): TaggedRegion[] {
    return readTags(this.database);
  }

  /** A mask of an item: `REVIEWED`, or what a run stored under this kind. */
  readLabelMap(item: string, kind: string, run?: string): LabelPlane | undefined {
    return this.maps.readLabels(this.itemNumber(item), kind, this.runNumber(run));
  }

  /** Stores a mask of an item, in place of an earlier one of the same kind and run. */
  writeLabelMap(item: string, kind: string, plane: LabelPlane, run?: string): void {
    this.write(() => this.maps.writeLabels(this.itemNumber(item), kind, this.runNumber(run), plane));
  }

  /** Stores all that a run says about an item, in place of what it said before. Values are kept in 8 or 16 bit steps. */
  writePrediction(run: string, item: string, prediction: Prediction, bits: 8 | 16 = 16): void {
    const packed = packPrediction(prediction, bits);
    this.changes.predictions++;
    this.write(() => this.maps.writePrediction(this.itemNumber(item), this.runNumber(run), packed));
  }

  /** What a run says about an item; undefined where it was not predicted. */
  readPrediction(run: string, item: string): Prediction | undefined {
    return this.maps.readPrediction(this.itemNumber(item), this.runNumber(run));
  }

  /** Which maps a run has of an item, and the named ones as stored; undefined where it was not predicted. */
  readMaps(run: string, item: string, wanted: WantedMaps): ItemMaps | undefined {
    const maps = this.maps.readMaps(this.itemNumber(item), this.runNumber(run), wanted);
    return maps && { run, ...maps };
  }

  /** Items that a run has predicted, with their uncertainty. */
  predictedItems(run: string): { item: string; score: number | null }[] {
    return this.maps.predictedItems(this.runNumber(run));
  }

  /** Sets the state of an item's effective reading; masks and history stay as they are. */
  setState(item: string, state: ItemState): void {
    this.write(() => {
      const number = this.itemNumber(item);
      const facts = readFacts(this.database, number, READER.effective);
      const at = new Date().toISOString();
      writeFacts(this.database, number, READER.effective, { ...facts, state, at });
      addAudit(this.database, { at, annotator: '', action: 'state', item: number, detail: { state } });
    });
    this.forgetItems();
  }

  /** Present state of an item. */
  state(item: string): ItemState {
    const row = this.database.prepare('SELECT state FROM items WHERE id = ?').get(item);
    if (!row) throw new Error(`item: expected one of the project, got "${item}"`);
    // The writer stores only these words.
    return String(row['state']) as ItemState;
  }

  /** All runs, oldest first. */
  runs(): RunRecord[] {
    return readRuns(this.database);
  }

  /** Begins a run and makes its folder; gives the run's id. */
  createRun(configuration: unknown): string {
    const id = this.write(() => addRun(this.database, configuration, new Date().toISOString()));
    mkdirSync(this.runDirectory(id), { recursive: true });
    return id;
  }

  /** Notes how a run stands, and parts of what is known of it beside the others; a part that is null is taken away. */
  updateRun(id: string, status: RunStatus, changes?: Readonly<Record<string, unknown>>): void {
    this.runNumber(id);
    this.write(() => updateRun(this.database, id, status, changes));
  }

  /** Deletes what a run has learned, logged and suggested. Reviewed masks that began as its suggestion stay. */
  deleteRun(id: string): void {
    this.runNumber(id);
    this.write(() => {
      removePredictions(this.database, id);
      updateRun(this.database, id, 'deleted');
      const notes = ['predictions of', 'changes of', 'shown by'].map((what) => `${what} ${id}`);
      this.database.prepare('DELETE FROM settings WHERE key IN (?, ?, ?)').run(...notes);
    });
    rmSync(this.runDirectory(id), { recursive: true, force: true });
  }

  /** Folder of a run's checkpoints and logs. */
  runDirectory(id: string): string {
    return join(this.directory, 'runs', id);
  }

  /** A stored setting; undefined where there is none. */
  setting(key: string): unknown {
    const row = this.database.prepare('SELECT value FROM settings WHERE key = ?').get(key);
    return row ? parseStored(row['value'], `the setting "${key}"`) : undefined;
  }

  /** Stores a setting as JSON. */
  setSetting(key: string, value: unknown): void {
    const text = JSON.stringify(value);
    this.write(() =>
      this.database.prepare('INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)').run(key, text),
    );
  }

  /** Throws where it is open to look at only, for work that would find that out late. */
  checkWritable(): void {
    if (this.mode === 'read') throw lookedAtOnly(this.directory, this.readOnly ?? readOnlyCause(this.directory));
  }

  /** Runs several writes as one: all are kept, or none. May be nested. */
  write<Result>(write: () => Result): Result {
    if (this.database.isTransaction) return write();
    this.checkWritable();
    this.lock?.check();
    return transaction(this.database, this.directory, write);
  }

  /** Row number of an item; throws where there is none of this id. */
  itemNumber(id: string): number {
    const row = this.database.prepare('SELECT number FROM items WHERE id = ?').get(id);
    if (!row) throw new Error(`item: expected one of the project, got "${id}"`);
    return Number(row['number']);
  }

  /** Id of the item of a row. */
  itemId(number: number): string {
    const row = this.database.prepare('SELECT id FROM items WHERE number = ?').get(number);
    if (!row) throw new Error(`item: expected a row of the project, got ${number}`);
    return String(row['id']);
  }

  /** Size of an item's image. */
  itemSize(id: string): { readonly width: number; readonly height: number } {
    const row = this.database
      .prepare('SELECT v.width, v.height FROM items i JOIN volumes v ON v.number = i.volume WHERE i.number = ?')
      .get(this.itemNumber(id));
    return { width: Number(row?.['width']), height: Number(row?.['height']) };
  }

  /** Id of the run of a row. */
  runId(number: number): string {
    return String(this.database.prepare('SELECT id FROM runs WHERE number = ?').get(number)?.['id']);
  }

  /** Row number of a run, `NO_RUN` where none is named; throws where there is none of this id. */
  runNumber(id: string | undefined): number {
    if (id === undefined) return NO_RUN;
    const row = this.database.prepare('SELECT number FROM runs WHERE id = ?').get(id);
    if (!row)
      throw new Error(
        `run: expected one of ${
          this.runs()
            .map((run) => run.id)
            .join(', ') || '(none yet)'
        }, got "${id}"`,
      );
    return Number(row['number']);
  }
}
