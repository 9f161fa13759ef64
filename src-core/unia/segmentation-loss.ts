// Segmentation loss, method.md 7: L_seg of Eq. (17), and the variant for training from scratch.
// Differs from the paper: `dice` (2·cross-entropy + ½·Dice) is not in it.
import { IGNORE } from '../imaging/plane.ts';
import {
  add,
  bindShape,
  cast,
  customGrad,
  div,
  equal,
  exp,
  greater,
  logSumExp,
  logicalAnd,
  maximum,
  mean,
  mul,
  notEqual,
  reshape,
  resizeBilinear,
  slice,
  softmax,
  sub,
  sum,
  tensor,
  transpose,
  zerosLike,
  type Tensor,
} from '../tensor/index.ts';

/** `halves`: background and foreground pixels weigh the same. `dice`: 2·cross-entropy + ½·Dice. */
export type SegmentationLossKind = 'halves' | 'dice';

/**
 * Loss of the segmentation against a pseudo mask; ignored pixels are left out, an empty half gives 0.
 *
 * @param logits - `(N, M+1, h, w)`, resized to the labels
 * @param labels - `(N, H, W)`
 */
export function segmentationLoss(logits: Tensor, labels: Tensor, kind: SegmentationLossKind = 'halves'): Tensor {
  const { N, K } = bindShape('segmentation logits', logits.shape, 'N K h w');
  const { H, W } = bindShape('labels', labels.shape, 'N H W', { N });
  const large = resizeBilinear(logits, [H, W]);
  const ids = cast(labels, 'float32');
  const known = notEqual(ids, IGNORE);
  const oneHot = oneHotMaps(ids, K);
  if (kind === 'dice') {
    const everywhere = shareOf(cast(known, 'float32'), 1);
    const entropy = weightedCrossEntropy(large, oneHot, everywhere);
    return add(mul(entropy, CROSS_ENTROPY_WEIGHT), mul(diceLoss(large, oneHot, cast(known, 'float32')), DICE_WEIGHT));
  }
  const background = shareOf(cast(equal(ids, 0), 'float32'), 0.5);
  const foreground = shareOf(cast(logicalAnd(known, greater(ids, 0)), 'float32'), 0.5);
  return weightedCrossEntropy(large, oneHot, add(background, foreground));
}

const CROSS_ENTROPY_WEIGHT = 2;
const DICE_WEIGHT = 0.5;

/** `(N, K, H, W)`, 1 at the label; ignored pixels have none. */
function oneHotMaps(ids: Tensor, K: number): Tensor {
  const [N, H, W] = ids.shape as [number, number, number];
  return cast(equal(reshape(ids, [N, 1, H, W]), classIds(K)), 'float32');
}

/** 0..K-1 along the class axis; a constant, so that a traced graph holds the numbers themselves. */
function classIds(K: number): Tensor {
  return tensor(
    Array.from({ length: K }, (_, id) => id),
    [1, K, 1, 1],
  );
}

/** The mask scaled to sum to `share`; all zero where the mask is empty. */
function shareOf(mask: Tensor, share: number): Tensor {
  return mul(mask, div(share, maximum(sum(mask), 1)));
}

/**
 * Σ weight · (log Σ exp(logits) - logit of the label), with a hand-derived gradient: softmax minus one-hot, weighted.
 *
 * @param logits - `(N, K, H, W)`
 * @param oneHot - `(N, K, H, W)`
 * @param weights - per pixel; `(N, H, W)`
 */
export function weightedCrossEntropy(logits: Tensor, oneHot: Tensor, weights: Tensor): Tensor {
  // tfjs types the gradient function over its abstract Tensor class only, hence the casts.
  const withGradient = customGrad<Tensor>(((
    x: Tensor,
    target: Tensor,
    weight: Tensor,
    save: (kept: Tensor[]) => void,
  ) => {
    const normaliser = logSumExp(x, 1);
    save([x, target, weight, normaliser]);
    return {
      value: sum(mul(weight, sub(normaliser, sum(mul(x, target), 1)))),
      gradFunc: (dy: Tensor, [logit, hot, pixel, top]: Tensor[]) => {
        const [N, , H, W] = logit!.shape as [number, number, number, number];
        const probabilities = exp(sub(logit!, reshape(top!, [N, 1, H, W])));
        const scale = reshape(mul(pixel!, dy), [N, 1, H, W]);
        return [mul(sub(probabilities, hot!), scale), zerosLike(hot!), zerosLike(pixel!)];
      },
    };
  }) as never);
  return withGradient(logits, oneHot, weights);
}

/** Keeps the ratio of a class that is in neither mask finite. */
const DICE_SMOOTHING = 1;

/** 1 - Dice of the batch, mean over foreground classes, on known pixels. */
function diceLoss(logits: Tensor, oneHot: Tensor, known: Tensor): Tensor {
  const [N, K, H, W] = logits.shape as [number, number, number, number];
  const probabilities = transpose(softmax(transpose(logits, [0, 2, 3, 1])), [0, 3, 1, 2]);
  const seen = mul(probabilities, reshape(known, [N, 1, H, W]));
  const overlap = sum(mul(seen, oneHot), [0, 2, 3]);
  const total = add(sum(seen, [0, 2, 3]), sum(oneHot, [0, 2, 3]));
  const dice = div(add(mul(overlap, 2), DICE_SMOOTHING), add(total, DICE_SMOOTHING));
  return sub(1, mean(slice(dice, [1], [K - 1])));
}
