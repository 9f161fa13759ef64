import { concat, slice, type Tensor } from '../tensor/index.ts';
import type { Grid } from './grid.ts';
import type { BlockOutput } from './transformer-block.ts';

/** What a caller wants besides tokens. */
export interface EncoderOptions {
  /** Also return the attention maps of the last two blocks; costs passes over L x L maps. */
  readonly attention?: boolean;
  /** Patches to hide, 1 hidden, 0 seen; `(N, L)`. */
  readonly mask?: Tensor;
}

/** What an encoder knows about the images (method.md 1). Blocks that do not exist are left out: one block, one set of maps. */
export interface EncoderOutput {
  readonly grid: Grid;
  /** Z, after the final norm; `(N, L, C)`. */
  readonly tokens: Tensor;
  /** Output of the third block from the end, no norm; `(N, L, C)`. */
  readonly auxiliary: Tensor;
  /** Scaled q kᵀ of the last two blocks before the softmax, second-to-last block's heads first; `(N, 2·heads, L, L)`. */
  readonly attentionLogits?: Tensor;
  /** The same after the softmax over all keys, class row and column dropped; `(N, 2·heads, L, L)`. */
  readonly attention?: Tensor;
  /** Features at strides 2, 4 and 8 of a convolutional stem; `(N, S/stride, S/stride, channels)` each. */
  readonly pyramid?: readonly Tensor[];
}

/** The patch-patch part of the attention maps that the blocks returned, side by side. */
export function patchAttention(
  outputs: readonly BlockOutput[],
  L: number,
): Pick<EncoderOutput, 'attentionLogits' | 'attention'> {
  const logits = outputs.flatMap((output) => output.logits ?? []);
  const probabilities = outputs.flatMap((output) => output.probabilities ?? []);
  if (logits.length === 0) return {};
  return { attentionLogits: joinPatchMaps(logits, L), attention: joinPatchMaps(probabilities, L) };
}

/** Drops the class row and column, which come first where there is a class token. */
function joinPatchMaps(maps: readonly Tensor[], L: number): Tensor {
  const patches = maps.map((map) => {
    const [N, heads, T] = map.shape as [number, number, number];
    return T === L ? map : slice(map, [0, 0, T - L, T - L], [N, heads, L, L]);
  });
  return concat(patches, 1);
}
