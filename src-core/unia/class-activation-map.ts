// Class activation maps: UniA, section III-A, Eq. 2, and their multi-scale form (method.md 4).
// Differs from the paper: nothing; scales, mirroring and normalisation are those of method.md sections 4 and 10.
import {
  add,
  bindShape,
  concat,
  customGrad,
  div,
  lessEqual,
  max,
  maximum,
  min,
  mul,
  relu,
  resizeBilinear,
  reverse,
  slice,
  sub,
  where,
  type Tensor,
} from '../tensor/index.ts';
import { BACKGROUND, IGNORE } from '../imaging/plane.ts';
import { gatherKept, mapWise, strongestLabel, type KeptClasses } from './kept-classes.ts';

/** Keeps the division of an empty map finite. */
const MAXIMUM_FLOOR = 1e-5;

/** Height and width. */
export type Size = readonly [height: number, width: number];

/** The side of an image at a scale, rounded half up to a multiple of the patch. */
export function scaledSize([height, width]: Size, scale: number, patch: number): Size {
  const side = (length: number): number => Math.max(1, Math.floor((length * scale) / patch + 0.5)) * patch;
  return [side(height), side(width)];
}

/** Maps of one scale, before the ReLU: of the image, and of its mirror image as the network saw it. */
export interface MirroredPair {
  /** `(N, M, h, w)` */
  readonly plain: Tensor;
  /** `(N, M, h, w)`, still mirrored */
  readonly mirrored: Tensor;
}

/**
 * Fuses the maps of several scales into one normalised CAM: larger of plain and mirrored, ReLU, sum over scales.
 *
 * @param present - image-level labels; `(N, M)`
 * @returns `(N, M, H, W)`, 0..1, zero for absent classes
 */
export function fuseCams(pairs: readonly MirroredPair[], size: Size, present: Tensor): Tensor {
  const scales = pairs.map(({ plain, mirrored }) => {
    const { N, M, h, w } = bindShape('CAM', plain.shape, 'N M h w');
    bindShape('mirrored CAM', mirrored.shape, 'N M h w', { N, M, h, w });
    const turned = reverse(mirrored, [3]);
    return relu(maximum(resizeBilinear(plain, size), resizeBilinear(turned, size)));
  });
  if (scales.length === 0) throw new RangeError('CAM scales: expected at least one, got none');
  return normaliseCam(
    scales.reduce((total, map) => add(total, map)),
    present,
  );
}

/**
 * Stretches every map to 0..1 by its own spatial minimum and maximum and silences absent classes.
 *
 * @param cam - `(N, M, H, W)`
 * @param present - image-level labels; `(N, M)`
 * @returns `(N, M, H, W)`
 */
export function normaliseCam(cam: Tensor, present: Tensor): Tensor {
  const raised = sub(cam, min(cam, [2, 3], true));
  const stretched = div(raised, add(max(raised, [2, 3], true), MAXIMUM_FLOOR));
  return mul(stretched, mapWise(present, cam));
}

/** How the multi-scale CAM looks at an image. */
export interface MultiScaleOptions {
  readonly scales: readonly number[];
  /** Side of a token in pixels. */
  readonly patch: number;
  /** The CAM of scale 1, not mirrored, when a forward pass has already given it; `(N, M, h, w)` before the ReLU. */
  readonly precomputed?: Tensor;
  /** Only these classes are upsampled and returned: K maps per image instead of M. */
  readonly kept?: KeptClasses;
}

/**
 * The CAM over several scales and mirror images, normalised (method.md 4). No gradient passes.
 *
 * @param encodeToCam - image `(B, 3, h', w')` to class maps `(B, M, h, w)`, before the ReLU
 * @param image - `(N, 3, H, W)`
 * @param present - image-level labels; `(N, M)`
 * @returns `(N, M, H, W)`, or `(N, K, H, W)` when `kept` is given
 */
export function multiScaleCam(
  encodeToCam: (image: Tensor) => Tensor,
  image: Tensor,
  present: Tensor,
  { scales, patch, precomputed, kept }: MultiScaleOptions,
): Tensor {
  const { N, H, W } = bindShape('image', image.shape, 'N 3 H W');
  bindShape('image labels', present.shape, 'N M', { N });
  return withoutGradient(() => {
    const keep = (maps: Tensor): Tensor => (kept ? gatherKept(maps, kept) : maps);
    const pairs = scales.map((scale): MirroredPair => {
      const resized = resizeBilinear(image, scaledSize([H, W], scale, patch));
      const mirroredImage = reverse(resized, [3]);
      if (scale === 1 && precomputed) {
        return { plain: keep(precomputed), mirrored: keep(encodeToCam(mirroredImage)) };
      }
      const both = encodeToCam(concat([resized, mirroredImage], 0));
      return { plain: keep(images(both, 0, N)), mirrored: keep(images(both, N, N)) };
    });
    return fuseCams(pairs, [H, W], kept ? kept.valid : present);
  });
}

function images(batch: Tensor, from: number, count: number): Tensor {
  return slice(batch, [from, 0, 0, 0], [count, ...batch.shape.slice(1)] as number[]);
}

/**
 * Runs a tensor program off the gradient tape: unlike a stopped gradient, which would still walk backwards through
 * every pass with zeros, nothing in it is recorded at all.
 */
export function withoutGradient(program: () => Tensor): Tensor {
  type Untaped = (f: () => { value: Tensor; gradFunc: () => Tensor[] }) => () => Tensor;
  const untaped = customGrad as unknown as Untaped; // tfjs types ask for at least one input; the engine takes none
  return untaped(() => ({ value: program(), gradFunc: () => [] }))();
}

/** Thresholds of the CAM: up to `low` background, above `high` a class, between them uncertain. */
export interface CamThresholds {
  readonly high: number;
  readonly low: number;
}

/**
 * The label map of a CAM for training: the strongest class, uncertain pixels ignored.
 *
 * @param cam - normalised; `(N, M, H, W)`, or `(N, K, H, W)` with `kept`
 * @returns `(N, H, W)` label ids
 */
export function camToLabel(cam: Tensor, { high, low }: CamThresholds, kept?: KeptClasses): Tensor {
  if (!(low <= high)) throw new RangeError(`CAM thresholds: expected low <= high, got low ${low}, high ${high}`);
  const strength = max(cam, 1);
  const confident = where(lessEqual(strength, high), IGNORE, strongestLabel(cam, kept));
  return where(lessEqual(strength, low), BACKGROUND, confident);
}

/**
 * The label map of a CAM for evaluation: the strongest class, background up to `threshold`.
 *
 * @param cam - normalised; `(N, M, H, W)`, or `(N, K, H, W)` with `kept`
 * @returns `(N, H, W)` label ids
 */
export function camEvaluationLabel(cam: Tensor, threshold: number, kept?: KeptClasses): Tensor {
  return where(lessEqual(max(cam, 1), threshold), BACKGROUND, strongestLabel(cam, kept));
}
