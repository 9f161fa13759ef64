// Distance between the surfaces of two masks in millimetres, and its 95th percentile (HD95): method.md 10.
import { sizeOf } from '../tensor/shape.ts';
import { distanceTransform } from './distance-transform.ts';

/** Which of the two directions counts: the larger 95th percentile of the two, or the percentile of both sets of distances pooled. */
export type DirectedDistances = 'larger' | 'pooled';

const HAUSDORFF_SHARE = 0.95;

/**
 * The voxels of a mask that share a face with a voxel outside of it; beyond the array is outside.
 *
 * @param shape - sizes of the axes, last axis fastest
 */
export function surfaceOf(mask: ArrayLike<number>, shape: readonly number[]): Uint8Array {
  const surface = new Uint8Array(mask.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis]!;
    for (let i = 0; i < mask.length; i++) {
      if (!mask[i] || surface[i]) continue;
      const at = Math.floor(i / stride) % size;
      if (at === 0 || at === size - 1 || !mask[i - stride] || !mask[i + stride]) surface[i] = 1;
    }
    stride *= size;
  }
  return surface;
}

/**
 * Distances in mm from each surface voxel of one mask to the nearest surface voxel of the other, in both directions; undefined when
 * a mask is empty.
 */
export function surfaceDistances(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  shape: readonly number[],
  spacingMm: readonly number[],
): { readonly fromA: Float64Array; readonly fromB: Float64Array } | undefined {
  if (a.length !== sizeOf(shape) || b.length !== sizeOf(shape)) {
    throw new RangeError(
      `masks: expected ${sizeOf(shape)} voxels of shape (${shape.join(', ')}), got ${a.length} and ${b.length}`,
    );
  }
  if (spacingMm.length !== shape.length || !spacingMm.every((size) => size > 0 && Number.isFinite(size))) {
    throw new RangeError(`spacingMm: expected ${shape.length} positive numbers, got (${spacingMm.join(', ')})`);
  }
  const box = boundingBox(a, b, shape);
  const size = box.map(({ from, to }) => to - from);
  const surfaceA = surfaceOf(cropped(a, shape, box), size);
  const surfaceB = surfaceOf(cropped(b, shape, box), size);
  if (!surfaceA.includes(1) || !surfaceB.includes(1)) return undefined;
  const toA = distanceTransform(surfaceA, size, spacingMm);
  const toB = distanceTransform(surfaceB, size, spacingMm);
  return { fromA: toB.filter((_, i) => surfaceA[i] === 1), fromB: toA.filter((_, i) => surfaceB[i] === 1) };
}

/** From the first to past the last index along one axis. */
interface Extent {
  readonly from: number;
  readonly to: number;
}

/** The smallest box around both masks. Neither surfaces nor the distances between them change by leaving out what lies outside. */
function boundingBox(a: ArrayLike<number>, b: ArrayLike<number>, shape: readonly number[]): Extent[] {
  const from = [...shape];
  const to = shape.map(() => 0);
  for (let i = 0; i < a.length; i++) {
    if (!a[i] && !b[i]) continue;
    let rest = i;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const at = rest % shape[axis]!;
      rest = (rest - at) / shape[axis]!;
      if (at < from[axis]!) from[axis] = at;
      if (at >= to[axis]!) to[axis] = at + 1;
    }
  }
  return from.map((start, axis) => ({ from: Math.min(start, to[axis]!), to: to[axis]! }));
}

/** 1 where the mask is set, inside a box. */
function cropped(mask: ArrayLike<number>, shape: readonly number[], box: readonly Extent[]): Uint8Array {
  const size = box.map(({ from, to }) => to - from);
  return Uint8Array.from({ length: sizeOf(size) }, (_, i) => {
    let rest = i;
    let stride = 1;
    let index = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index += ((rest % size[axis]!) + box[axis]!.from) * stride;
      rest = Math.floor(rest / size[axis]!);
      stride *= shape[axis]!;
    }
    return mask[index] ? 1 : 0;
  });
}

/** HD95 in mm; NaN when either mask is empty. */
export function hausdorff95(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  shape: readonly number[],
  spacingMm: readonly number[],
  directed: DirectedDistances = 'larger',
): number {
  const distances = surfaceDistances(a, b, shape, spacingMm);
  if (!distances) return NaN;
  const { fromA, fromB } = distances;
  if (directed === 'pooled') {
    const both = new Float64Array(fromA.length + fromB.length);
    both.set(fromA);
    both.set(fromB, fromA.length);
    return quantile(both, HAUSDORFF_SHARE);
  }
  return Math.max(quantile(fromA, HAUSDORFF_SHARE), quantile(fromB, HAUSDORFF_SHARE));
}

/** The value below which `share` of the values lie, linear between ranks; NaN of no values. */
export function quantile(values: Float64Array, share: number): number {
  const sorted = values.toSorted();
  const rank = share * (sorted.length - 1);
  const below = sorted[Math.floor(rank)] ?? NaN;
  const above = sorted[Math.ceil(rank)] ?? NaN;
  return below + (above - below) * (rank - Math.floor(rank));
}
