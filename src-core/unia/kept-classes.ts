// Kept classes: the classes present in each image, gathered into a fixed number of slots (method.md 5, P2).
// Differs from the paper: a variable list of classes per image becomes K slots, so that every shape is static; an empty
// slot never wins a pixel. Images with more than K present classes lose those with the highest ids.
import {
  add,
  argMax,
  bindShape,
  cast,
  concat,
  cumsum,
  equal,
  gather,
  greater,
  matMul,
  mul,
  pad,
  reshape,
  scalar,
  sum,
  tensor,
  type Tensor,
} from '../tensor/index.ts';

/** The classes that take part in an image: K slots in the order of class ids. */
export interface KeptClasses {
  /** Which class sits in which slot, 1 or 0; `(N, K, M)`. Undefined when every class has its own slot (K = M). */
  readonly selection: Tensor | undefined;
  /** 1 where the slot holds a present class; `(N, K)`. */
  readonly valid: Tensor;
  /** Label id 1..M of the class in the slot, 0 in an empty slot; `(N, K)`. */
  readonly label: Tensor;
}

/**
 * Assigns the present classes of every image to K = min(M, maxClassesPerImage) slots.
 *
 * @param present - image-level labels, 1 or 0; `(N, M)`
 */
export function keepPresentClasses(present: Tensor, maxClassesPerImage = Infinity): KeptClasses {
  const { N, M } = bindShape('image labels', present.shape, 'N M');
  if (!(maxClassesPerImage >= 1)) {
    throw new RangeError(`maxClassesPerImage: expected at least 1, got ${maxClassesPerImage}`);
  }
  const here = cast(greater(present, 0), 'float32');
  const ids = classIds(M);
  if (maxClassesPerImage >= M) return { selection: undefined, valid: here, label: mul(here, ids) };

  const K = Math.floor(maxClassesPerImage);
  const rank = reshape(mul(cumsum(here, 1), here), [N, 1, M]); // 1, 2, … at the present classes, 0 elsewhere
  const slots = reshape(classIds(K), [1, K, 1]);
  const selection = cast(equal(rank, slots), 'float32');
  return { selection, valid: sum(selection, 2), label: sum(mul(selection, reshape(ids, [1, 1, M])), 2) };
}

/** `(1, count)`: 1, 2, … */
function classIds(count: number): Tensor {
  return tensor([Array.from({ length: count }, (_, i) => i + 1)]);
}

/**
 * The maps of the kept classes; an empty slot is all zero.
 *
 * @param maps - one map per class; `(N, M, H, W)`
 * @returns `(N, K, H, W)`
 */
export function gatherKept(maps: Tensor, kept: KeptClasses): Tensor {
  const { N, H, W, M } = bindShape('class maps', maps.shape, 'N M H W');
  if (!kept.selection) return mul(maps, mapWise(kept.valid, maps));
  const { K } = bindShape('kept classes', kept.selection.shape, 'N K M', { N, M });
  return reshape(matMul(kept.selection, reshape(maps, [N, M, H * W])), [N, K, H, W]);
}

/** A value per map, `(N, K)`, in the shape that broadcasts over `(N, K, H, W)`. */
export function mapWise(values: Tensor, maps: Tensor): Tensor {
  const { N, K } = bindShape('values per map', values.shape, 'N K');
  bindShape('maps', maps.shape, 'N K H W', { N, K });
  return reshape(values, [N, K, 1, 1]);
}

/**
 * The label id of the largest map per pixel; the first of equals.
 *
 * @param maps - one map per slot, or per class when `kept` is undefined; `(N, K, H, W)`
 * @param background - competes too, with label 0; `(N, 1, H, W)`
 * @returns `(N, H, W)` label ids
 */
export function strongestLabel(maps: Tensor, kept: KeptClasses | undefined, background?: Tensor): Tensor {
  const { N, K, H, W } = bindShape('maps', maps.shape, 'N K H W');
  const slot = argMax(background ? concat([background, maps], 1) : maps, 1);
  const position = background ? slot : add(slot, scalar(1, 'int32')); // 0 is the background, then the slots
  if (!kept?.selection) return cast(position, 'float32');
  bindShape('kept labels', kept.label.shape, 'N K', { N, K });
  const table = pad(kept.label, [
    [0, 0],
    [1, 0],
  ]);
  const firstOfImage = tensor(
    Array.from({ length: N }, (_, n) => n * (K + 1)),
    [N, 1, 1],
    'int32',
  );
  const at = reshape(add(position, firstOfImage), [N * H * W]);
  return reshape(gather(reshape(table, [N * (K + 1)]), at), [N, H, W]);
}
