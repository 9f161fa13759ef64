// Soft ambiguity masking: UniA, section III-B, Eq. (10).
// Differs from the paper: the release adds the tokens to the attention's output; `residual` says which.
import { add, bindShape, mul, sub, type Tensor } from '../tensor/index.ts';
import { crossAttention, headsFor } from './cross-attention.ts';
import type { Parameters } from './parameters.ts';

export { initialiseCrossAttention as initialiseSoftAmbiguityMasking } from './cross-attention.ts';

/**
 * Z_f: every token asks the certain part Z_c = (1 - U)·Z of all tokens.
 *
 * @param parameters - `q`, `k`, `v`
 * @param tokens - Z; `(N, L, C)`
 * @param uncertainty - U, 0..1; `(N, L, C)`
 * @returns `(N, L, C)`
 */
export function softAmbiguityMasking(
  parameters: Parameters,
  tokens: Tensor,
  uncertainty: Tensor,
  residual: boolean,
  heads?: number,
): Tensor {
  const { N, L, C } = bindShape('tokens', tokens.shape, 'N L C');
  bindShape('uncertainty', uncertainty.shape, 'N L C', { N, L, C });
  const certain = mul(sub(1, uncertainty), tokens);
  const attended = crossAttention(parameters, tokens, certain, heads ?? headsFor(C));
  return residual ? add(tokens, attended) : attended;
}
