// Mutual complementing refinement: UniA, section III-D, Eq. 12-15.
// Differs from the paper: the second step can be off (the release opens it after 30 % of the iterations), and the
// release's ACDC preset has a third step, open from 45 %.
import { bindShape, equal, greater, less, logicalAnd, logicalOr, where, type Tensor } from '../tensor/index.ts';
import { BACKGROUND, IGNORE } from '../imaging/plane.ts';

/** The three pseudo masks, label ids; `(N, H, W)` each. */
export interface PseudoMasks {
  /** From the thresholded CAM. */
  readonly p1: Tensor;
  /** From the CAM refined by PAR. */
  readonly p2: Tensor;
  /** From the CAM carried along the affinity. */
  readonly p3: Tensor;
}

/** Which steps of the refinement take part. */
export interface MutualComplementingOptions {
  /** Eq. 14-15: where P1 and P2 agree on a class. */
  readonly secondStep: boolean;
  /** Where P2 ignores and P1 has a class. */
  readonly fillIgnored: boolean;
}

/**
 * The final pseudo mask P: P3 completed by P2, then by P1, foreground only.
 *
 * @returns `(N, H, W)` label ids
 */
export function mutualComplementing(
  { p1, p2, p3 }: PseudoMasks,
  { secondStep, fillIgnored }: MutualComplementingOptions,
): Tensor {
  const { N, H, W } = bindShape('P3', p3.shape, 'N H W');
  bindShape('P2', p2.shape, 'N H W', { N, H, W });
  bindShape('P1', p1.shape, 'N H W', { N, H, W });

  const open = logicalOr(equal(p3, BACKGROUND), equal(p3, IGNORE));
  let mask = where(logicalAnd(isClass(p2), open), p2, p3);
  if (secondStep) mask = where(logicalAnd(isClass(p1), equal(p1, p2)), p1, mask);
  if (fillIgnored) mask = where(logicalAnd(isClass(p1), equal(p2, IGNORE)), p1, mask);
  return mask;
}

/** Neither background nor ignore. */
function isClass(labels: Tensor): Tensor {
  return logicalAnd(greater(labels, BACKGROUND), less(labels, IGNORE));
}
