// Area under the risk-coverage curve: how well uncertainty ranks error. Items are kept in the order of rising uncertainty; the
// risk at a coverage is the mean loss of those kept; the area is the mean of the risks over all coverages. Items of equal
// uncertainty share: each takes the mean loss of its tie, as an average over all their orders.

/** Points of a curve that is drawn. */
const CURVE_POINTS = 200;

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
  return areaOfTies(tiesOf(loss, uncertainty));
}

/** Units by rising uncertainty. */
function tiesOf(loss: ArrayLike<number>, uncertainty: ArrayLike<number>): Tie[] {
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
  return [...ties].sort(([a], [b]) => a - b).map(([, tie]) => tie);
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

/** A risk-coverage curve: share of units kept, least uncertain first, and the mean loss of those. */
export interface RiskCoverageCurve {
  readonly coverage: readonly number[];
  readonly risk: readonly number[];
}

/** The curve at equal steps of coverage, at most `points` of them; empty of no units. */
function curveOfTies(ties: readonly Tie[], points: number): RiskCoverageCurve {
  const total = ties.reduce((sum, { count }) => sum + count, 0);
  const steps = Math.min(points, total);
  const coverage: number[] = [];
  const risk: number[] = [];
  let [kept, keptLoss, next] = [0, 0, 1];
  for (const { count, totalLoss } of ties) {
    // Within a tie each unit takes its mean loss.
    while (next <= steps && Math.round((next * total) / steps) <= kept + count) {
      const units = Math.round((next * total) / steps);
      coverage.push(units / total);
      risk.push((keptLoss + ((units - kept) * totalLoss) / count) / units);
      next += 1;
    }
    kept += count;
    keptLoss += totalLoss;
  }
  return { coverage, risk };
}

/** The risk-coverage curve of units, in the unit of the loss. */
export function riskCoverageCurve(
  loss: ArrayLike<number>,
  uncertainty: ArrayLike<number>,
  points = CURVE_POINTS,
): RiskCoverageCurve {
  return curveOfTies(tiesOf(loss, uncertainty), points);
}

/** Pixels by uncertainty, for areas over more pixels than memory holds. */
export interface UncertaintyHistogram {
  /** Counts one pixel: its uncertainty in [0, 1], clamped, and whether it was wrong. */
  add(uncertainty: number, wrong: boolean): void;
  /** Area under the risk-coverage curve of the error rate, pixels of one bin being ties. */
  area(): number;
  /** The curve whose area that is. */
  curve(): RiskCoverageCurve;
  /** Share of wrong pixels: the area that a useless ranking gives. */
  errorRate(): number;
  readonly bins: number;
}

/** An empty histogram of equal bins over [0, 1]. */
export function createUncertaintyHistogram(bins = 4096): UncertaintyHistogram {
  const pixels = new Float64Array(bins);
  const wrongPixels = new Float64Array(bins);
  const ties = (): Tie[] =>
    Array.from(pixels, (count, bin) => ({ count, totalLoss: wrongPixels[bin]! })).filter(({ count }) => count > 0);
  return {
    bins,
    add(uncertainty, wrong) {
      if (Number.isNaN(uncertainty)) throw new RangeError('uncertainty: expected numbers, got NaN');
      const bin = Math.max(0, Math.min(bins - 1, Math.floor(uncertainty * bins)));
      pixels[bin]!++;
      if (wrong) wrongPixels[bin]!++;
    },
    area: () => areaOfTies(ties()),
    curve: () => curveOfTies(ties(), CURVE_POINTS),
    errorRate: () => sum(wrongPixels) / sum(pixels),
  };
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
