// The three pseudo masks: UniA, section III-D (method.md 5, 10).
// Differs from the paper: the whole batch at once over kept classes in fixed slots; both stacks of both masks share one
// refinement. The background channel is never computed: PAR and resizing keep the channels' sum, so it is what is left.
import {
  add,
  bindShape,
  concat,
  equal,
  exp,
  logicalAnd,
  max,
  maximum,
  mul,
  resizeBilinear,
  slice,
  sub,
  sum,
  where,
  div,
  ones,
  type Tensor,
} from '../tensor/index.ts';
import { BACKGROUND, IGNORE } from '../imaging/plane.ts';
import { randomWalk, WALK_DEFAULTS, type WalkOptions } from './affinity.ts';
import type { CamThresholds, Size } from './class-activation-map.ts';
import { mapWise, strongestLabel, type KeptClasses } from './kept-classes.ts';
import {
  REFINEMENT_DEFAULTS,
  refinementWeights,
  refineWithWeights,
  type RefinementOptions,
} from './pixel-adaptive-refinement.ts';

/** How the CAM becomes P2 and P3. */
export interface PseudoMaskOptions extends CamThresholds {
  readonly refinement: RefinementOptions;
  readonly walk: WalkOptions;
  /** Side of the refined image as a share of the image's. */
  readonly resolution: number;
  /** Factor on the stacks before their softmax. */
  readonly logitsScale: number;
}

export const PSEUDO_MASK_DEFAULTS: PseudoMaskOptions = {
  high: 0.7,
  low: 0.25,
  refinement: REFINEMENT_DEFAULTS,
  walk: WALK_DEFAULTS,
  resolution: 0.5,
  logitsScale: 1,
};

/** What the pseudo masks of a batch are made from. */
export interface MaskSources {
  /** Normalised CAM of the kept classes; `(N, K, H, W)` */
  readonly cam: Tensor;
  readonly kept: KeptClasses;
  /** `(N, D, H, W)` */
  readonly image: Tensor;
}

/** The affinity and the token grid it belongs to. */
export interface GridAffinity {
  /** `(N, L, L)` */
  readonly affinity: Tensor;
  readonly grid: Size;
}

/** P2: the CAM refined by PAR. @returns `(N, H, W)` label ids */
export function refineP2(sources: MaskSources, options: PseudoMaskOptions = PSEUDO_MASK_DEFAULTS): Tensor {
  return refineStacks(sources, [camStacks(sources, options)], options)[0]!;
}

/** P3: the CAM carried along the affinity on the token grid, then refined by PAR. @returns `(N, H, W)` label ids */
export function refineP3(
  sources: MaskSources,
  affinity: GridAffinity,
  options: PseudoMaskOptions = PSEUDO_MASK_DEFAULTS,
): Tensor {
  return refineStacks(sources, [walkedStacks(sources, affinity, options)], options)[0]!;
}

/** P2 and P3 in one refinement, which costs less than one after the other. @returns `(N, H, W)` label ids each */
export function refineP2AndP3(
  sources: MaskSources,
  affinity: GridAffinity,
  options: PseudoMaskOptions = PSEUDO_MASK_DEFAULTS,
): { readonly p2: Tensor; readonly p3: Tensor } {
  const stacks = [camStacks(sources, options), walkedStacks(sources, affinity, options)];
  const [p2, p3] = refineStacks(sources, stacks, options);
  return { p2: p2!, p3: p3! };
}

/**
 * Keeps a label only where P2 and P3 say the same; the rest is ignored.
 *
 * @param p2 - label ids; `(N, H, W)`
 * @param p3 - label ids; `(N, H, W)`
 */
export function agreementMask(p2: Tensor, p3: Tensor): Tensor {
  const { N, H, W } = bindShape('P2', p2.shape, 'N H W');
  bindShape('P3', p3.shape, 'N H W', { N, H, W });
  return where(equal(p2, p3), p2, IGNORE);
}

/**
 * Merges the labels found against a high and a low background: a class where HIGH has one, background where both say so,
 * else ignore.
 *
 * @param high - label ids; `(N, H, W)`
 * @param low - label ids; `(N, H, W)`
 */
export function mergeHighLow(high: Tensor, low: Tensor): Tensor {
  const { N, H, W } = bindShape('labels of the high run', high.shape, 'N H W');
  bindShape('labels of the low run', low.shape, 'N H W', { N, H, W });
  const noneHigh = equal(high, BACKGROUND);
  const noneAtAll = logicalAnd(noneHigh, equal(low, BACKGROUND));
  return where(noneAtAll, BACKGROUND, where(noneHigh, IGNORE, high));
}

/** Class logits of one mask and the background of its runs, at the refined size. */
interface Stacks {
  /** `(N, K, h, w)` */
  readonly classes: Tensor;
  /** One per run, HIGH first; broadcasts to `(N, 1, h, w)`. */
  readonly backgrounds: readonly (Tensor | number)[];
}

function camStacks({ cam }: MaskSources, options: PseudoMaskOptions): Stacks {
  return { classes: resizeBilinear(cam, refinedSize(cam, options)), backgrounds: backgroundLevels(options) };
}

function walkedStacks({ cam }: MaskSources, { affinity, grid }: GridAffinity, options: PseudoMaskOptions): Stacks {
  const { N, K } = bindShape('CAM', cam.shape, 'N K H W');
  // The walk is linear: a constant background is its level times the walk of ones.
  const maps = concat([ones([N, 1, ...grid]), resizeBilinear(cam, grid)], 1);
  const walked = resizeBilinear(randomWalk(maps, affinity, options.walk), refinedSize(cam, options));
  const unit = slice(walked, [0, 0, 0, 0], [N, 1, -1, -1]);
  return {
    classes: slice(walked, [0, 1, 0, 0], [N, K, -1, -1]),
    backgrounds: backgroundLevels(options).map((level) => mul(unit, level)),
  };
}

/** HIGH and LOW; one run serves for both when the levels are equal. */
function backgroundLevels({ high, low }: PseudoMaskOptions): readonly number[] {
  if (!(low <= high)) throw new RangeError(`CAM thresholds: expected low <= high, got low ${low}, high ${high}`);
  return high === low ? [high] : [high, low];
}

function refinedSize(cam: Tensor, { resolution }: PseudoMaskOptions): Size {
  const side = (length: number): number => Math.max(1, Math.floor(length * resolution));
  return [side(cam.shape[2]!), side(cam.shape[3]!)];
}

/** The merged labels of each mask, all refined together. */
function refineStacks(
  { cam, kept, image }: MaskSources,
  masks: readonly Stacks[],
  options: PseudoMaskOptions,
): Tensor[] {
  const { N, K, H, W } = bindShape('CAM', cam.shape, 'N K H W');
  bindShape('image', image.shape, 'N D H W', { N, H, W });
  bindShape('kept classes', kept.valid.shape, 'N K', { N, K });
  const weights = refinementWeights(resizeBilinear(image, refinedSize(cam, options)), options.refinement);
  const runs = masks.flatMap(({ classes, backgrounds }) =>
    backgrounds.map((background) => classProbabilities(classes, background, kept, options.logitsScale)),
  );
  const refined = refineWithWeights(weights, concat([...runs], 1), options.refinement);
  const perMask = backgroundLevels(options).length;
  return masks.map((_, mask) => {
    const [high, low] = Array.from({ length: perMask }, (_, run) => {
      const probabilities = slice(refined, [0, (mask * perMask + run) * K, 0, 0], [N, K, -1, -1]);
      return labelRun(resizeBilinear(probabilities, [H, W]), kept, options.refinement);
    });
    return low ? mergeHighLow(high!, low) : high!;
  });
}

/** The class part of the softmax over background and kept classes; exactly 0 in empty slots. */
function classProbabilities(
  classes: Tensor,
  background: Tensor | number,
  kept: KeptClasses,
  logitsScale: number,
): Tensor {
  const top = maximum(max(classes, 1, true), background);
  const share = (logits: Tensor | number): Tensor => exp(mul(sub(logits, top), logitsScale));
  const classShares = mul(share(classes), mapWise(kept.valid, classes));
  return div(classShares, add(sum(classShares, 1, true), share(background)));
}

/** Labels of one run; the background has what the classes leave of the refinement's total weight. */
function labelRun(probabilities: Tensor, kept: KeptClasses, { rounds, positionWeight }: RefinementOptions): Tensor {
  const background = sub((1 + positionWeight) ** rounds, sum(probabilities, 1, true));
  return strongestLabel(probabilities, kept, background);
}
