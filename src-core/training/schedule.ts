// Learning rate and gates, method.md 7 and 10.

export interface LearningRateOptions {
  /** Iterations T. */
  readonly total: number;
  /** Share of the iterations spent on linear warm-up; .075 in the release. */
  readonly warmUpShare: number;
  readonly decay: 'polynomial' | 'cosine';
  /** Exponent of the polynomial decay; .9. */
  readonly power: number;
}

/** Factor on the learning rate at iteration t = 0, 1, …: (t+1)/W during warm-up, then decay towards 0. */
export function learningRateFactor({ total, warmUpShare, decay, power }: LearningRateOptions, t: number): number {
  const warmUp = Math.round(warmUpShare * total);
  if (t < warmUp) return (t + 1) / warmUp;
  const progress = (t - warmUp) / Math.max(total - warmUp, 1);
  const left = Math.max(1 - progress, 0);
  return decay === 'polynomial' ? left ** power : 0.5 * (1 + Math.cos(Math.PI * Math.min(progress, 1)));
}

/** Shares of the total after which parts of the objective start (method.md 7). */
export interface GateShares {
  readonly segmentation: number;
  readonly secondComplement: number;
  readonly auxiliaryToFinal: number;
  /** The release's extra complement step for ACDC; null where the preset has none. */
  readonly extraComplement: number | null;
  /** Distribution and affinity losses; 0 but for the paper's COCO runs (.2). */
  readonly uncertaintyAndAffinity: number;
}

export type Gates = Readonly<Record<keyof GateShares, boolean>>;

/** Which gates are open at iteration t: a gate opens at t >= share · total. */
export function openGates(shares: GateShares, total: number, t: number): Gates {
  const open = (share: number | null): boolean => share !== null && t >= share * total;
  return {
    segmentation: open(shares.segmentation),
    secondComplement: open(shares.secondComplement),
    auxiliaryToFinal: open(shares.auxiliaryToFinal),
    extraComplement: open(shares.extraComplement),
    uncertaintyAndAffinity: open(shares.uncertaintyAndAffinity),
  };
}
