import { grads, mul, sum, tensor, tidy, type Tensor } from '../../src-core/tensor/index.ts';

/** Values of a tensor under test: shape and numbers. */
export interface Values {
  readonly shape: number[];
  readonly data: number[];
}

/**
 * The largest difference between the tape's gradient and central differences of Σ probe · program(inputs), as a share of
 * the largest gradient. The plain CPU backend sums in float32: with a step of 1e-2 expect about 1e-3.
 */
export function gradientError(
  program: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Values[],
  probe: readonly number[],
  step = 1e-2,
): number {
  const tensors = inputs.map(({ shape, data }) => tensor(data, shape));
  const loss = (...x: Tensor[]): Tensor => {
    const result = program(...x);
    return sum(mul(result, tensor([...probe], result.shape)));
  };
  const analytic = grads(loss)(tensors).map((gradient) => gradient.dataSync());
  const lossWith = (index: number, at: number, delta: number): number =>
    tidy(() => {
      const moved = inputs.map(({ shape, data }, i) =>
        tensor(
          data.map((value, j) => (i === index && j === at ? value + delta : value)),
          shape,
        ),
      );
      return loss(...moved).dataSync()[0]!;
    });
  let worst = 0;
  let largest = 1e-6;
  inputs.forEach(({ data }, index) => {
    for (let at = 0; at < data.length; at++) {
      const numeric = (lossWith(index, at, step) - lossWith(index, at, -step)) / (2 * step);
      worst = Math.max(worst, Math.abs(numeric - analytic[index]![at]!));
      largest = Math.max(largest, Math.abs(numeric));
    }
  });
  return worst / largest;
}
