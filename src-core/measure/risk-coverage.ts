// Area under the risk-coverage curve: how well uncertainty ranks error. Items are kept in the order of rising uncertainty; the
// risk at a coverage is the mean loss of those kept; the area is the mean of the risks over all coverages. Items of equal
// uncertainty share: each takes the mean loss of its tie, as an average over all their orders.

/** Items of equal uncertainty. */
interface Tie {
  readonly count: number;
  readonly totalLoss: number;
}

/**
 * The area under the risk-coverage curve, in the unit of the loss; lower is better, the mean loss is what a useless
 * ranking gives. NaN of no items.
 */
export function riskCoverageArea(loss: ArrayLike<number>, uncertainty: ArrayLike<number>): number {
  if (loss.length !== uncertainty.length) {
    throw new RangeError(`uncertainty: expected ${loss.length} values like the loss, got ${uncertainty.length}`);
  }
  const ties = new Map<number, { count: number; totalLoss: number }>();
  for (let i = 0; i < loss.length; i++) {
    const value = uncertainty[i]!;
    if (Number.isNaN(value)) throw new RangeError(`uncertainty: expected numbers, got NaN at ${i}`);
    const tie = ties.get(value) ?? { count: 0, totalLoss: 0 };
    tie.count++;
    tie.totalLoss += loss[i]!;
    ties.set(value, tie);
  }
  return areaOfTies([...ties].sort(([a], [b]) => a - b).map(([, tie]) => tie));
}

function areaOfTies(ties: readonly Tie[]): number {
  let kept = 0;
  let keptLoss = 0;
  let sumOfRisks = 0;
  for (const { count, totalLoss } of ties) {
    for (let i = 0; i < count; i++) {
      kept++;
      keptLoss += totalLoss / count;
      sumOfRisks += keptLoss / kept;
    }
  }
  return sumOfRisks / kept;
}

/** Pixels by uncertainty, for areas over more pixels than memory holds. */
export interface UncertaintyHistogram {
  /** Counts one pixel: its uncertainty in [0, 1], clamped, and whether it was wrong. */
  add(uncertainty: number, wrong: boolean): void;
  /** Area under the risk-coverage curve of the error rate, pixels of one bin being ties. */
  area(): number;
  /** Share of wrong pixels: the area that a useless ranking gives. */
  errorRate(): number;
  readonly bins: number;
}

/** An empty histogram of equal bins over [0, 1]. */
export function createUncertaintyHistogram(bins = 4096): UncertaintyHistogram {
  const pixels = new Float64Array(bins);
  const wrongPixels = new Float64Array(bins);
  return {
    bins,
    add(uncertainty, wrong) {
      if (Number.isNaN(uncertainty)) throw new RangeError('uncertainty: expected numbers, got NaN');
      const bin = Math.max(0, Math.min(bins - 1, Math.floor(uncertainty * bins)));
      pixels[bin]!++;
      if (wrong) wrongPixels[bin]!++;
    },
    area: () => areaOfTies(Array.from(pixels, (count, bin) => ({ count, totalLoss: wrongPixels[bin]! }))),
    errorRate: () => sum(wrongPixels) / sum(pixels),
  };
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
