/**
 * Operations with a hand-derived gradient. On the tracer each becomes one ONNX operator forward; elsewhere the plain
 * composition runs. Their gradients read fewer intermediate values than the tape would.
 */
import {
  add,
  customGrad,
  engine,
  erf,
  exp,
  getKernel,
  log,
  matMul,
  max,
  mean,
  mul,
  ones,
  reshape,
  rsqrt,
  square,
  sub,
  sum,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { bindShape } from './shape.ts';

/** Kernels that only the tracer registers. */
export const LAYER_NORM_KERNEL = 'unia.LayerNormalization';
export const LINEAR_KERNEL = 'unia.Linear';

type CustomGradient = (...args: unknown[]) => { value: Tensor; gradFunc: (dy: Tensor, saved: Tensor[]) => Tensor[] };

/**
 * Exact GELU: x · Φ(x) with the Gaussian error function.
 *
 * Forward and gradient share 1 + erf(x/√2), which the tracer then computes once. The factor ½ comes last in both: the
 * tracer moves it into the matrix product that follows.
 */
export function gelu(x: Tensor): Tensor {
  const withGradient = customGrad(((input: Tensor, save: (tensors: Tensor[]) => void) => {
    save([input]);
    return {
      value: mul(mul(input, twiceNormalCdf(input)), 0.5),
      gradFunc: (dy: Tensor, [saved]: Tensor[]) => {
        // Φ(x) + x·φ(x) = ½ (1 + erf z + x·exp(½ ln(2/π) - z²)) with z = x/√2
        const z = mul(saved!, Math.SQRT1_2);
        const density = exp(sub(0.5 * Math.log(2 / Math.PI), mul(z, z)));
        const slope = add(twiceNormalCdf(saved!), mul(saved!, density));
        return [mul(mul(dy, slope), 0.5)];
      },
    };
  }) as unknown as CustomGradient);
  return withGradient(x);
}

function twiceNormalCdf(x: Tensor): Tensor {
  return add(erf(mul(x, Math.SQRT1_2)), 1);
}

/**
 * Layer normalisation over the last axis with scale and shift.
 *
 * @param x - `(..., C)`
 * @param scale - `(C)`
 * @param shift - `(C)`
 */
export function layerNorm(x: Tensor, scale: Tensor, shift: Tensor, epsilon: number): Tensor {
  const C = x.shape.at(-1)!;
  bindShape('layerNorm scale', scale.shape, 'C', { C });
  bindShape('layerNorm shift', shift.shape, 'C', { C });
  const withGradient = customGrad(((input: Tensor, gamma: Tensor, beta: Tensor, save: (tensors: Tensor[]) => void) => {
    const [value, centre, inverse] = runFused(
      LAYER_NORM_KERNEL,
      { x: input, scale: gamma, shift: beta },
      { epsilon },
      () => {
        const m = mean(input, -1, true);
        const centred = sub(input, m);
        const inv = rsqrt(add(mean(square(centred), -1, true), epsilon));
        return [add(mul(mul(centred, inv), gamma), beta), m, inv];
      },
    );
    save([input, gamma, centre!, inverse!]);
    return {
      value: value!,
      gradFunc: (dy: Tensor, [savedX, savedGamma, m, inv]: Tensor[]) => {
        const normalised = mul(sub(savedX!, m!), inv!);
        const dyNormalised = mul(dy, normalised);
        const rows = dy.size / C;
        const dGamma = columnSums(reshape(dyNormalised, [rows, C]));
        const dBeta = columnSums(reshape(dy, [rows, C]));
        // dx = inv · (g − mean(g) − x̂ · mean(g·x̂)) with g = dy·γ; both means are products with γ/C.
        const average = reshape(mul(savedGamma!, 1 / C), [C, 1]);
        const meanG = reshape(matMul(reshape(dy, [rows, C]), average), m!.shape);
        const meanGx = reshape(matMul(reshape(dyNormalised, [rows, C]), average), m!.shape);
        const dx = mul(sub(sub(mul(dy, savedGamma!), meanG), mul(normalised, meanGx)), inv!);
        return [dx, dGamma, dBeta];
      },
    };
  }) as unknown as CustomGradient);
  return withGradient(x, scale, shift);
}

/**
 * `x · Wᵀ + b`, the layout of PyTorch's Linear.
 *
 * @param x - `(..., I)`
 * @param weight - `(O, I)`
 * @param bias - `(O)`, or undefined for none
 * @returns `(..., O)`
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const I = x.shape.at(-1)!;
  const { O } = bindShape('linear weight', weight.shape, 'O I', { I });
  const flat = reshape(x, [x.size / I, I]);
  const shape = [...x.shape.slice(0, -1), O];
  if (!bias) return reshape(matMul(flat, weight, false, true), shape);
  bindShape('linear bias', bias.shape, 'O', { O: O });
  const withGradient = customGrad(((rows: Tensor, w: Tensor, b: Tensor, save: (tensors: Tensor[]) => void) => {
    save([rows, w]);
    return {
      value: runFused(LINEAR_KERNEL, { x: rows, weight: w, bias: b }, {}, () => [
        add(matMul(rows, w, false, true), b),
      ])[0]!,
      // The bias gradient is one matrix product instead of a slow column reduction.
      gradFunc: (dy: Tensor, [savedRows, savedWeight]: Tensor[]) => [
        matMul(dy, savedWeight!),
        matMul(dy, savedRows!, true, false),
        columnSums(dy),
      ],
    };
  }) as unknown as CustomGradient);
  return reshape(withGradient(flat, weight, bias), shape);
}

function columnSums(x: Tensor): Tensor {
  const [rows, columns] = x.shape as [number, number];
  return reshape(matMul(ones([1, rows]), x), [columns]);
}

/** The value of x with its gradient cut. */
export function stopGradient(x: Tensor): Tensor {
  const cut = customGrad(((a: Tensor) => ({
    value: a.clone(),
    gradFunc: (dy: Tensor) => [mul(dy, 0)],
  })) as unknown as CustomGradient);
  return cut(x);
}

/** log Σ exp over one axis, stable, with the axis removed. */
export function logSumExp(x: Tensor, axis: number): Tensor {
  const top = stopGradient(max(x, axis, true));
  const shifted = log(sum(exp(sub(x, top)), axis, true));
  const result = add(shifted, top);
  const at = axis < 0 ? x.rank + axis : axis;
  return reshape(
    result,
    x.shape.filter((_, i) => i !== at),
  );
}

function runFused(
  kernel: string,
  inputs: Record<string, Tensor>,
  attributes: Record<string, number>,
  composition: () => Tensor[],
): Tensor[] {
  if (!getKernel(kernel, engine().backendName)) return composition();
  const outputs = engine().runKernel<Tensor | Tensor[]>(kernel, inputs, attributes);
  return Array.isArray(outputs) ? outputs : [outputs];
}
