// Label maps and predictions of items.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ItemMaps } from '../../src-core/contract/picture.ts';
import type { LabelPlane } from '../../src-core/imaging/plane.ts';
import { decodeLabels, encodeLabels } from '../../src-core/labels/label-codec.ts';
import { suggestionFacts } from '../../src-core/review/suggestion.ts';
import { packValues, unpackValues, type QuantisedMap } from './value-codec.ts';
import { parseStored } from './stored-json.ts';

/** A map of one value a pixel, rows first. */
export interface ValueMap {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** Names of the maps to be read. */
export interface WantedMaps {
  readonly labels: readonly string[];
  readonly values: readonly string[];
}

/** Stands for "not measured" where the table wants a number; measured uncertainties are 0 or more, so these come last. */
const UNSCORED = -1;
/** The uncertainty of a row `p` of predictions; null where it was not measured. */
export const SCORE = `nullif(p.score, ${UNSCORED})`;

/** What a run says about an item. */
export interface Prediction {
  /** Uncertainty of the whole item, for the queue; higher is less certain. Null where nothing has measured any. */
  readonly score: number | null;
  /** Probability that each class is present, where the run gives it. */
  readonly scores?: readonly number[];
  /** Label maps by kind: `p1`, `p2`, `p3`, `pseudo`, `segmentation`. */
  readonly labels: Readonly<Record<string, LabelPlane>>;
  /** Value maps by name: `uncertainty`, `cam/LV`. */
  readonly values: Readonly<Record<string, ValueMap>>;
}

/** A prediction as it is stored. */
export interface PackedPrediction {
  readonly columns: readonly (string | number | null)[];
  readonly labels: readonly (readonly [kind: string, data: Uint8Array])[];
  readonly values: readonly (readonly [
    name: string,
    map: QuantisedMap & { readonly width: number; readonly height: number },
  ])[];
}

/** Packs a prediction; done before a transaction begins, so that nobody waits for it. */
export function packPrediction({ score, scores, labels, values }: Prediction, bits: 8 | 16): PackedPrediction {
  const facts = suggestionFacts(labels);
  const measured = facts ? [facts.kind, facts.disagreement, JSON.stringify(facts.areas)] : [null, null, null];
  return {
    columns: [score ?? UNSCORED, scores ? JSON.stringify(scores) : null, ...measured],
    labels: Object.entries(labels).map(([kind, plane]) => [kind, encodeLabels(plane)] as const),
    values: Object.entries(values).map(([name, map]) => {
      checkSize(name, map);
      return [name, { width: map.width, height: map.height, ...packValues(map.data, bits) }] as const;
    }),
  };
}

/** Reads and writes maps; items and runs go by their row numbers. Run 0 is no run. */
export class MapStore {
  private readonly database: DatabaseSync;
  private readonly selectLabels: StatementSync;
  private readonly selectPrediction: StatementSync;

  constructor(database: DatabaseSync) {
    this.database = database;
    this.selectLabels = database.prepare('SELECT data FROM label_maps WHERE item = ? AND kind = ? AND run = ?');
    this.selectPrediction = database.prepare('SELECT score, scores FROM predictions WHERE item = ? AND run = ?');
  }

  readLabels(item: number, kind: string, run: number): LabelPlane | undefined {
    const row = this.selectLabels.get(item, kind, run);
    return row ? labelsOfRow(row) : undefined;
  }

  writeLabels(item: number, kind: string, run: number, plane: LabelPlane): void {
    this.database
      .prepare('INSERT OR REPLACE INTO label_maps (item, kind, run, data) VALUES (?, ?, ?, ?)')
      .run(item, kind, run, encodeLabels(plane));
  }

  removeLabels(item: number, kind: string, run: number): void {
    this.database.prepare('DELETE FROM label_maps WHERE item = ? AND kind = ? AND run = ?').run(item, kind, run);
  }

  /** Replaces all that a run says about an item. The caller holds a transaction. */
  writePrediction(item: number, run: number, { columns, labels, values }: PackedPrediction): void {
    for (const table of ['predictions', 'value_maps', 'label_maps']) {
      this.database.prepare(`DELETE FROM ${table} WHERE item = ? AND run = ?`).run(item, run);
    }
    this.database
      .prepare(
        'INSERT INTO predictions (item, run, score, scores, suggested, disagreement, areas) VALUES (?, ?, ?, ?, ?, ?, ?)',
      )
      .run(item, run, ...columns);
    const insertLabels = this.database.prepare('INSERT INTO label_maps (item, kind, run, data) VALUES (?, ?, ?, ?)');
    for (const [kind, data] of labels) insertLabels.run(item, kind, run, data);
    const insertValues = this.database.prepare(
      'INSERT INTO value_maps (item, run, name, width, height, bits, low, high, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    for (const [name, { width, height, bits, low, high, data }] of values) {
      insertValues.run(item, run, name, width, height, bits, low, high, data);
    }
  }

  readPrediction(item: number, run: number): Prediction | undefined {
    const row = this.selectPrediction.get(item, run);
    if (!row) return undefined;
    const labels: Record<string, LabelPlane> = {};
    const maps = this.database.prepare('SELECT kind, data FROM label_maps WHERE item = ? AND run = ?');
    for (const map of maps.iterate(item, run)) labels[String(map['kind'])] = labelsOfRow(map);
    const values: Record<string, ValueMap> = {};
    const valueMaps = this.database.prepare('SELECT * FROM value_maps WHERE item = ? AND run = ?');
    for (const map of valueMaps.iterate(item, run)) values[String(map['name'])] = valuesOfRow(map);
    const scores = scoresOf(row);
    return { score: scoreOf(row), ...(scores && { scores }), labels, values };
  }

  /** Which maps a run has of an item, and the named ones, label maps in their stored bytes; undefined where it was not predicted. */
  readMaps(item: number, run: number, wanted: WantedMaps): Omit<ItemMaps, 'run'> | undefined {
    const row = this.selectPrediction.get(item, run);
    if (!row) return undefined;
    const names = (table: string, column: string): string[] =>
      this.database
        .prepare(`SELECT ${column} AS name FROM ${table} WHERE item = ? AND run = ?`)
        .all(item, run)
        .map(({ name }) => String(name));
    const kinds = names('label_maps', 'kind');
    const valueNames = names('value_maps', 'name');
    const values = this.database.prepare('SELECT * FROM value_maps WHERE item = ? AND run = ? AND name = ?');
    return {
      score: scoreOf(row),
      presence: scoresOf(row),
      kinds,
      names: valueNames,
      labels: Object.fromEntries(
        wanted.labels
          .filter((kind) => kinds.includes(kind))
          // Stored as a blob.
          .map((kind) => [kind, this.selectLabels.get(item, kind, run)?.['data'] as Uint8Array]),
      ),
      values: Object.fromEntries(
        wanted.values
          .filter((name) => valueNames.includes(name))
          .map((name) => [name, valuesOfRow(values.get(item, run, name)!)]), // its name was just read
      ),
    };
  }

  /** Row numbers and scores of the items that a run has predicted. */
  predictedItems(run: number): { item: string; score: number | null }[] {
    return this.database
      .prepare(
        'SELECT i.id, p.score FROM predictions p JOIN items i ON i.number = p.item WHERE p.run = ? ORDER BY i.number',
      )
      .all(run)
      .map((row) => ({ item: String(row['id']), score: scoreOf(row) }));
  }
}

function scoreOf(row: Record<string, unknown>): number | null {
  const score = Number(row['score']);
  return score === UNSCORED ? null : score;
}

function labelsOfRow(row: Record<string, unknown>): LabelPlane {
  // Stored as a blob.
  return decodeLabels(row['data'] as Uint8Array);
}

function scoresOf(row: Record<string, unknown>): number[] | null {
  const stored = row['scores'];
  // Written by JSON.stringify of the same type.
  return typeof stored === 'string' ? (parseStored(stored, 'the figures of a prediction') as number[]) : null;
}

function valuesOfRow(row: Record<string, unknown>): ValueMap {
  const [width, height] = [Number(row['width']), Number(row['height'])];
  const map = {
    bits: row['bits'] === 8 ? (8 as const) : (16 as const),
    low: Number(row['low']),
    high: Number(row['high']),
    // Stored as a blob.
    data: row['data'] as Uint8Array,
  };
  return { width, height, data: unpackValues(map, width * height) };
}

function checkSize(name: string, map: { width: number; height: number; data: ArrayLike<number> }): void {
  if (map.data.length === map.width * map.height) return;
  throw new Error(
    `${name}: expected ${map.width} x ${map.height} = ${map.width * map.height} values, got ${map.data.length}`,
  );
}
