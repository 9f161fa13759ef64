// Voxel or pixel values to 0..1: 8-bit values over 255, deeper ones between the 1st and 99th percentile
// of the whole volume (or image), clipped. NaN and infinite values count as the minimum.

/** The values that become 0 and 1. */
export interface IntensityRange {
  readonly low: number;
  readonly high: number;
}

/** An intensity range with what was met while finding it. */
export interface MeasuredRange extends IntensityRange {
  /** How many values are NaN or infinite. */
  readonly nonFinite: number;
}

const LOW_SHARE = 0.01;
const HIGH_SHARE = 0.99;
const BINS = 4096;

/** Range of 8-bit data. */
export const EIGHT_BIT_RANGE: IntensityRange = { low: 0, high: 255 };

/** 1st and 99th percentile (nearest rank) of all finite values; their extremes where the percentiles coincide. */
export function measureRange(values: ArrayLike<number>): MeasuredRange {
  let least = Infinity;
  let greatest = -Infinity;
  let finite = 0;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? NaN;
    if (!Number.isFinite(value)) continue;
    finite += 1;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  const nonFinite = values.length - finite;
  if (finite === 0) return { low: 0, high: 0, nonFinite };
  const low = quantile(values, LOW_SHARE, finite, least, greatest);
  const high = quantile(values, HIGH_SHARE, finite, least, greatest);
  return low < high ? { low, high, nonFinite } : { low: least, high: greatest, nonFinite };
}

/** Values between low and high as 0..1, clipped; a constant image is all 0. */
export function normalise(values: ArrayLike<number>, range: IntensityRange): Float32Array {
  const width = range.high - range.low;
  const result = new Float32Array(values.length);
  if (!(width > 0)) return result;
  const scale = 1 / width;
  for (let index = 0; index < values.length; index += 1) {
    const share = ((values[index] ?? NaN) - range.low) * scale;
    // NaN fails both comparisons and +Infinity is no brightness either: both stay 0.
    if (share > 0 && share < Infinity) result[index] = share < 1 ? share : 1;
  }
  return result;
}

/** Value of nearest rank, found by histograms that narrow: exact, without sorting or copying the volume. */
function quantile(values: ArrayLike<number>, share: number, finite: number, least: number, greatest: number): number {
  let rank = Math.round(share * (finite - 1));
  let [low, high] = [least, greatest];
  while (low < high) {
    const scale = BINS / (high - low);
    // Spans beyond all doubles, or too narrow to divide, have no bins; no image holds them.
    if (!Number.isFinite(scale) || scale === 0) return low;
    const bins = rangeHistogram(values, low, high, scale);
    let bin = 0;
    while (bin < BINS - 1 && rank >= (bins.counts[bin] ?? 0)) {
      rank -= bins.counts[bin] ?? 0;
      bin += 1;
    }
    const next: [number, number] = [bins.least[bin] ?? low, bins.greatest[bin] ?? high];
    // Rounding of the scale can leave a bin that is the whole range: no further narrowing is possible.
    if (next[0] === low && next[1] === high) return next[0];
    [low, high] = next;
  }
  return low;
}

function rangeHistogram(values: ArrayLike<number>, low: number, high: number, scale: number) {
  const counts = new Uint32Array(BINS);
  const least = new Float64Array(BINS).fill(Infinity);
  const greatest = new Float64Array(BINS).fill(-Infinity);
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? NaN;
    // Also false for NaN and infinite values.
    if (!(value >= low && value <= high)) continue;
    const bin = Math.min(BINS - 1, Math.floor((value - low) * scale));
    counts[bin] = (counts[bin] ?? 0) + 1;
    if (value < (least[bin] ?? 0)) least[bin] = value;
    if (value > (greatest[bin] ?? 0)) greatest[bin] = value;
  }
  return { counts, least, greatest };
}
