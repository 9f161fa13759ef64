// Scaled dot-product attention, the building block of the encoder and of UniA's Eq. (5), (6) and (10).
import {
  bindShape,
  customGrad,
  matMul,
  mul,
  reshape,
  softmax,
  sub,
  sum,
  transpose,
  type Tensor,
} from '../tensor/index.ts';

/**
 * Tokens cut into heads.
 *
 * @param x - `(N, L, C)`
 * @returns `(N, heads, L, C / heads)`
 */
export function splitHeads(x: Tensor, heads: number): Tensor {
  const { N, L, C } = bindShape('tokens', x.shape, 'N L C');
  if (C % heads !== 0) throw new RangeError(`heads: expected a divisor of ${C} channels, got ${heads}`);
  return transpose(reshape(x, [N, L, heads, C / heads]), [0, 2, 1, 3]);
}

/**
 * Heads put side by side again.
 *
 * @param x - `(N, heads, L, D)`
 * @returns `(N, L, heads·D)`
 */
export function mergeHeads(x: Tensor): Tensor {
  const { N, B, L, D } = bindShape('heads', x.shape, 'N B L D');
  return reshape(transpose(x, [0, 2, 1, 3]), [N, L, B * D]);
}

/**
 * softmax(q kᵀ) v with a hand-derived gradient: the tape would keep and pass over the L x L map twice as often.
 *
 * @param q - queries, already scaled; `(N, B, Q, D)`
 * @param k - keys; `(N, B, K, D)`
 * @param v - values; `(N, B, K, D)`
 * @returns `(N, B, Q, D)`
 */
export function attend(q: Tensor, k: Tensor, v: Tensor): Tensor {
  const { N, B, D } = bindShape('queries', q.shape, 'N B Q D');
  const { K } = bindShape('keys', k.shape, 'N B K D', { N, B, D });
  bindShape('values', v.shape, 'N B K D', { N, B, K, D });
  // tfjs types the gradient function over its abstract Tensor class only, hence the casts.
  const withGradient = customGrad<Tensor>(((
    query: Tensor,
    key: Tensor,
    value: Tensor,
    save: (kept: Tensor[]) => void,
  ) => {
    const probabilities = softmax(matMul(query, key, false, true));
    const output = matMul(probabilities, value);
    save([query, key, value, probabilities, output]);
    return { value: output, gradFunc: attendGradient };
  }) as never);
  return withGradient(q, k, v);
}

function attendGradient(dOutput: Tensor, saved: Tensor[]): Tensor[] {
  const [q, k, v, probabilities, output] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor];
  const dValue = matMul(probabilities, dOutput, true, false);
  const dProbabilities = matMul(dOutput, v, false, true);
  // Row sums of P∘dP equal row sums of O∘dO, which has D columns instead of K.
  const rowSums = sum(mul(dOutput, output), -1, true);
  const dLogits = mul(probabilities, sub(dProbabilities, rowSums));
  return [matMul(dLogits, k), matMul(dLogits, q, true, false), dValue];
}
