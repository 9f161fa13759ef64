// Lists of a project's items. A list's order is worked out once and kept as row numbers until the project changes; rows are read
// a window at a time, so that a hundred thousand items cost no more than what is on the screen.
import type {
  ItemGroup,
  ItemList,
  ItemPage,
  ItemRow,
  ListProgress,
  Recording,
  RecordingPhase,
} from '../../src-core/contract/items.ts';
import { ITEM_STATES, type ItemState } from '../../src-core/review/item-state.ts';
import { hasVolumes, MOMENT } from '../storage/dataset-store.ts';
import { SCORE } from '../storage/map-store.ts';
import { dataVersion } from '../storage/database.ts';
import { FOLDER, listSql, STATE, type ListScope } from './item-list-sql.ts';
import type { Project } from './project.ts';
import { runInUse } from './run-in-use.ts';
import { readerNumber } from './readers.ts';
import { parseStored } from '../storage/stored-json.ts';

/** Orders kept at once: the queue's, the grid's, and what was looked at before. */
const KEPT_LISTS = 8;

/** Items of a list in its order, and what it was worked out from. */
interface Order {
  readonly numbers: Int32Array;
  readonly version: string;
}

/** Where to look for the next item. */
export interface NextRequest {
  /** The start of the list when absent. */
  readonly item?: string | undefined;
  readonly direction: 'next' | 'previous';
  /** Only items that await review. */
  readonly undone: boolean;
}

/** Phases of one file, frames that were counted through, or named phases of a patient, of one size. */
const SAME_RECORDING = `v.patient = v0.patient AND v.width = v0.width AND v.height = v0.height AND v.slices = v0.slices
  AND (v.source = v0.source OR (v.frame IS NOT NULL AND v0.frame IS NOT NULL) OR (v.phase <> '' AND v0.phase <> ''))`;
const PHASES = `(SELECT count(*) FROM volumes v0 WHERE ${SAME_RECORDING})`;

/** The lists of one project. */
export class ItemLists {
  private readonly project: Project;
  private readonly orders = new Map<string, Order>();
  private readonly states: ReaderStates;
  /** SQL of a row's phases: single images have none to count, however many of them a patient has. */
  private readonly phases: string;

  constructor(project: Project) {
    this.project = project;
    this.phases = hasVolumes(project.database) ? PHASES : '1';
    this.states = new ReaderStates(project);
  }

  page(list: ItemList, offset: number, limit: number): ItemPage {
    const numbers = this.order(list);
    return { total: numbers.length, offset, rows: this.rows(list, numbers.subarray(offset, offset + limit)) };
  }

  rowsOf(items: readonly string[], reader: string | undefined): ItemRow[] {
    const numbers = Int32Array.from(items, (item) => this.project.itemNumber(item));
    return this.rows({ reader }, numbers);
  }

  ids(list: ItemList): string[] {
    const { from, where, orderBy, values } = listSql(list.filter, list.order, this.scope(list));
    const rows = this.project.database.prepare(`SELECT i.id FROM ${from} WHERE ${where} ORDER BY ${orderBy}, i.number`);
    return rows.all(values).map((row) => String(row['id']));
  }

  groups(list: ItemList): ItemGroup[] {
    const { from, where, orderBy, group, values } = listSql(list.filter, list.order, this.scope(list));
    if (group === undefined) return [];
    const rows = this.project.database.prepare(
      `SELECT ${group} AS name, count(*) AS n FROM ${from} WHERE ${where} GROUP BY ${group} ORDER BY ${orderBy}`,
    );
    return rows.all(values).map((row) => ({ name: String(row['name']), count: Number(row['n']) }));
  }

  progress(list: ItemList): ListProgress {
    const numbers = this.order(list);
    const states = this.states.of(this.scope(list).reader);
    const counts = new Array<number>(ITEM_STATES.length).fill(0);
    for (const number of numbers) counts[states[number]!]!++;
    const entries = ITEM_STATES.map((state, i) => [state, counts[i]!] as const);
    return { total: numbers.length, states: Object.fromEntries(entries) as Record<ItemState, number> };
  }

  /** Place of an item; undefined where the list leaves it out. */
  place(list: ItemList, item: string): number | undefined {
    const place = this.order(list).indexOf(this.project.itemNumber(item));
    return place === -1 ? undefined : place;
  }

  /**
   * The item that follows one, or precedes it. Undone ones are looked for round the end of the list, pending before flagged
   * ones.
   */
  next(list: ItemList, { item, direction, undone }: NextRequest): string | undefined {
    // The item may have left a list of undone ones when it was decided about, so its place is looked up among all.
    const numbers = this.order({ ...list, filter: { ...list.filter, states: undefined } });
    const states = this.states.of(this.scope(list).reader);
    const listed = list.filter.states ?? ITEM_STATES;
    const from = item === undefined ? -1 : numbers.indexOf(this.project.itemNumber(item));
    for (const wanted of undone ? ([['pending'], ['flagged']] as const) : [ITEM_STATES]) {
      const both = new Set(wanted.filter((state) => listed.includes(state)).map((state) => ITEM_STATES.indexOf(state)));
      const isWanted = (number: number): boolean => both.has(states[number]!);
      const found = walk(numbers, from, direction === 'next' ? 1 : -1, isWanted, undone);
      if (found !== undefined) return this.project.itemId(found);
    }
    return undefined;
  }

  /** The phases of the recording that an item belongs to. */
  recording(item: string, reader: string | undefined): Recording {
    const number = this.project.itemNumber(item);
    const { run, reader: readerOfList } = this.scope({ reader });
    const rows = this.project.database
      .prepare(
        `SELECT i.id, i.slice, ${STATE} AS state, ${SCORE} AS score, v.id AS volume, v.phase, ${MOMENT} AS moment, w.name AS patient
         FROM items i0 JOIN volumes v0 ON v0.number = i0.volume
         JOIN volumes v ON ${SAME_RECORDING}
         JOIN patients w ON w.number = v.patient
         JOIN items i ON i.volume = v.number
         LEFT JOIN predictions p ON p.item = i.number AND p.run = :run
         LEFT JOIN readings r ON r.item = i.number AND r.reader = :reader
         WHERE i0.number = :item ORDER BY moment, v.number, i.slice`,
      )
      .all({ item: number, run: run ?? -1, reader: readerOfList });
    const phases = Map.groupBy(rows, (row) => String(row['volume']));
    return {
      patient: String(rows[0]?.['patient']),
      phases: Array.from(phases, ([volume, slices]): RecordingPhase => ({
        volume,
        phase: String(slices[0]?.['phase']),
        phaseIndex: Number(slices[0]?.['moment']),
        items: slices.map((row) => ({
          id: String(row['id']),
          slice: Number(row['slice']),
          // The writer stores only these words.
          state: String(row['state']) as ItemState,
          score: numberOrNull(row['score']),
        })),
      })),
    };
  }

  private scope({ reader }: Pick<ItemList, 'reader'>): ListScope {
    const run = runInUse(this.project);
    return {
      run: run === undefined ? undefined : this.project.runNumber(run),
      reader: readerNumber(this.project, reader),
    };
  }

  /** Row numbers of a list's items. They are worked out anew only where what the list depends on has changed. */
  private order(list: ItemList): Int32Array {
    const { changes, database } = this.project;
    const { filter } = list;
    const dependsOn = [filter.states && changes.readings, filter.tags && changes.tags, changes.predictions];
    const scope = this.scope(list);
    const version = [dataVersion(database), scope.run, ...dependsOn].join(' ');
    const key = JSON.stringify(list);
    const known = this.orders.get(key);
    const order = known?.version === version ? known : { numbers: this.readOrder(list, scope), version };
    this.orders.delete(key);
    this.orders.set(key, order);
    for (const oldest of this.orders.keys()) {
      if (this.orders.size <= KEPT_LISTS) break;
      this.orders.delete(oldest);
    }
    return order.numbers;
  }

  private readOrder(list: ItemList, scope: ListScope): Int32Array {
    const { from, where, orderBy, values } = listSql(list.filter, list.order, scope);
    const rows = this.project.database.prepare(
      `SELECT i.number FROM ${from} WHERE ${where} ORDER BY ${orderBy}, i.number`,
    );
    rows.setReturnArrays(true);
    // With `setReturnArrays` a row is its one column.
    return Int32Array.from(rows.all(values) as unknown as readonly [number][], ([number]) => number);
  }

  private rows(list: Pick<ItemList, 'reader'>, numbers: Int32Array): ItemRow[] {
    const { from, values } = listSql({}, { by: 'file' }, this.scope(list));
    const found = this.project.database
      .prepare(
        `SELECT i.number, i.id, i.slice, ${STATE} AS state, v.id AS volume, v.phase, ${MOMENT} AS moment, ${this.phases} AS phases,
           v.width, v.height, w.name AS patient, w.split, rtrim(${FOLDER}, '/') AS folder, ${SCORE} AS score, p.disagreement, p.areas,
           (SELECT t.present FROM tags t WHERE t.item = i.number AND t.x IS NULL ORDER BY t.number DESC LIMIT 1) AS tag,
           (SELECT count(*) FROM tags t WHERE t.item = i.number AND t.x IS NOT NULL) AS windows
         FROM ${from} WHERE i.number IN (SELECT value FROM json_each(:numbers))`,
      )
      .all({ ...values, numbers: JSON.stringify([...numbers]) });
    const byNumber = new Map(found.map((row) => [Number(row['number']), rowOf(row)]));
    return Array.from(numbers, (number) => byNumber.get(number)!);
  }
}

/** States of all items by row number, as places in `ITEM_STATES`, for one reader at a time. */
class ReaderStates {
  private readonly project: Project;
  private states = new Uint8Array();
  private version = '';

  constructor(project: Project) {
    this.project = project;
  }

  of(reader: number): Uint8Array {
    const { database, changes } = this.project;
    const version = [dataVersion(database), reader, changes.readings].join(' ');
    if (version !== this.version) {
      const last = Number(database.prepare('SELECT max(number) AS n FROM items').get()?.['n'] ?? 0);
      this.states = new Uint8Array(last + 1);
      const rows = database.prepare(`SELECT item, state FROM readings WHERE reader = ? AND state <> 'pending'`);
      for (const row of rows.iterate(reader)) {
        // The writer stores only these words.
        this.states[Number(row['item'])] = ITEM_STATES.indexOf(String(row['state']) as ItemState);
      }
      this.version = version;
    }
    return this.states;
  }
}

/** The first item from a place on that is wanted; where asked to, round the end and back to that place. */
function walk(
  numbers: Int32Array,
  from: number,
  step: 1 | -1,
  isWanted: (number: number) => boolean,
  round: boolean,
): number | undefined {
  const count = numbers.length;
  const start = from === -1 && step === -1 ? count : from;
  for (let i = 1; i <= count; i++) {
    const place = start + i * step;
    const inside = place >= 0 && place < count;
    if (!inside && !round) return undefined;
    const wrapped = (place + count) % count;
    const number = numbers[wrapped]!;
    if (wrapped !== from && isWanted(number)) return number;
  }
  return undefined;
}

function rowOf(row: Record<string, unknown>): ItemRow {
  return {
    id: String(row['id']),
    patient: String(row['patient']),
    volume: String(row['volume']),
    phase: String(row['phase']),
    phaseIndex: Number(row['moment']),
    phases: Number(row['phases']),
    slice: Number(row['slice']),
    width: Number(row['width']),
    height: Number(row['height']),
    // The writer stores only these words.
    split: String(row['split']) as ItemRow['split'],
    folder: String(row['folder']),
    state: String(row['state']) as ItemState,
    score: numberOrNull(row['score']),
    disagreement: numberOrNull(row['disagreement']),
    // Written by JSON.stringify of the same type.
    areas: row['areas'] === null ? [] : (parseStored(row['areas'], 'the areas of an item') as number[]),
    tag: row['tag'] === null ? null : Array.from(row['tag'] as Uint8Array),
    windows: Number(row['windows']),
  };
}

function numberOrNull(value: unknown): number | null {
  return value === null ? null : Number(value);
}
