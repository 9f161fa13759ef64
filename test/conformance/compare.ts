// When an output agrees with its reference: 1e-4 of the array's scale, 1e-3 for HD95 and whole networks, integers exactly.
import type { NpyArray } from './npz.ts';

/** Looser by the reference's own note: the 95th percentile interpolates ranks, whole networks add up rounding over layers. */
const LOOSE_FUNCTIONS = new Set(['hd95', 'vit_ti16', 'vit_forward', 'multi_scale_cam']);
const TOLERANCE = 1e-4;
const LOOSE_TOLERANCE = 1e-3;
/** A gradient this far below the case's largest result is rounding of 0 (an attention's key bias has one); the largest sets its scale. */
const ROUNDING_SHARE = 1e-12;

export interface Comparison {
  /** Largest error as a share of the array's scale; for integers the number of differing elements. */
  readonly worst: number;
  /** One line per array that disagrees. */
  readonly failures: readonly string[];
}

/**
 * Compares what an adapter returned with the arrays of the archive (`out_*` and `grad_*`; labels only where
 * `stable_*` is 1). A missing output, another shape or an output the archive does not know is a failure.
 */
export function compareCase(
  name: string,
  archive: Readonly<Record<string, NpyArray>>,
  outputs: Readonly<Record<string, NpyArray>>,
): Comparison {
  const tolerance = LOOSE_FUNCTIONS.has(name) ? LOOSE_TOLERANCE : TOLERANCE;
  const expectedNames = Object.keys(archive).filter((key) => /^(out|grad)_/.test(key));
  const known = new Set(expectedNames.map(outputName));
  const failures = Object.keys(outputs)
    .filter((key) => !known.has(key))
    .map((key) => `${key}: the reference has no such output`);
  let worst = 0;
  for (const key of expectedNames) {
    const got = outputs[outputName(key)];
    if (!got) {
      failures.push(`${outputName(key)}: missing`);
      worst = Infinity;
      continue;
    }
    const result = compareArray(archive[key]!, got, archive[`stable_${outputName(key)}`], scaleIn(archive, key));
    worst = Math.max(worst, result.error);
    if (result.error > (result.exact ? 0 : tolerance)) failures.push(`${outputName(key)}: ${result.detail}`);
  }
  return { worst, failures };
}

const outputName = (key: string): string => key.replace(/^out_/, '');

/** A single number may come as `()` or `(1)`; the set itself has both. */
function sameShape(want: NpyArray, got: NpyArray): boolean {
  if (want.data.length !== got.data.length) return false;
  return want.shape.join() === got.shape.join() || (want.data.length === 1 && got.shape.length <= 1);
}

interface ArrayComparison {
  readonly error: number;
  readonly exact: boolean;
  readonly detail: string;
}

function compareArray(want: NpyArray, got: NpyArray, stable: NpyArray | undefined, scale: number): ArrayComparison {
  const exact = want.data instanceof Int32Array || want.data instanceof Uint8Array;
  if (!sameShape(want, got)) {
    const detail = `expected shape (${want.shape.join(', ')}), got (${got.shape.join(', ')})`;
    return { error: Infinity, exact, detail };
  }
  let error = 0;
  let worstAt = 0;
  let differing = 0;
  for (let i = 0; i < want.data.length; i++) {
    if (stable?.data[i] === 0) continue;
    const difference = distance(want.data[i]!, got.data[i]!) / (exact ? 1 : scale);
    if (difference > 0) differing++;
    if (difference > error) {
      error = difference;
      worstAt = i;
    }
  }
  const detail =
    `${exact ? `${differing} elements differ` : `error ${error.toExponential(1)} of scale ${scale.toPrecision(3)}`},` +
    ` at ${worstAt} expected ${want.data[worstAt]}, got ${got.data[worstAt]}`;
  return { error: exact ? differing : error, exact, detail };
}

/** NaN equals NaN and an infinity equals itself; either against anything else is infinitely far. */
function distance(want: number, got: number): number {
  if (Object.is(want, got) || want === got) return 0;
  const difference = Math.abs(want - got);
  return Number.isNaN(difference) ? Infinity : difference;
}

function scaleOf(array: NpyArray): number {
  let scale = 0;
  for (const value of array.data) if (Number.isFinite(value)) scale = Math.max(scale, Math.abs(value));
  return scale;
}

/** What errors of one array are divided by: its largest magnitude; 1 where all is zero. */
function scaleIn(archive: Readonly<Record<string, NpyArray>>, key: string): number {
  const own = scaleOf(archive[key]!);
  if (!key.startsWith('grad_')) return own || 1;
  const results = Object.entries(archive).filter(([other]) => /^(out|grad)_/.test(other));
  const largest = Math.max(...results.map(([, array]) => scaleOf(array)));
  return (own > ROUNDING_SHARE * largest ? own : largest) || 1;
}
