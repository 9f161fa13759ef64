// Fully connected conditional random field, mean-field inference: Krähenbühl and Koltun, "Efficient Inference in Fully
// Connected CRFs with Gaussian Edge Potentials", NIPS 2011, algorithm 1; the last step of UniA's inference (method.md 7).
// Potts compatibility. `normalisation: 'symmetric'` filters by D^-½ K D^-½ with D = K·1, which keeps messages on the scale
// of the kernel's weight however many pixels look alike; `'none'` sums the raw kernel.
// Differs from the paper: symmetric normalisation is the default and a pixel's message includes itself, both as in the
// authors' later program; the spatial kernel, being narrow, is summed directly instead of on the lattice.
import { permutohedralLattice } from './permutohedral-lattice.ts';

/** The kernels of the field and how long inference runs. */
export interface DenseCrfOptions {
  readonly rounds: number;
  /** Nearness: smooths small specks. */
  readonly gaussian: { readonly deviationPx: number; readonly weight: number };
  /** Nearness and colour: pulls labels to edges; colours in 0..255. */
  readonly bilateral: { readonly deviationPx: number; readonly colourDeviation: number; readonly weight: number };
  readonly normalisation: 'symmetric' | 'none';
  /** Probabilities below count as this. */
  readonly probabilityFloor: number;
}

/** The paper's values of UniA's inference. */
export const DENSE_CRF_DEFAULTS: DenseCrfOptions = {
  rounds: 10,
  gaussian: { deviationPx: 1, weight: 1 },
  bilateral: { deviationPx: 121, colourDeviation: 5, weight: 4 },
  normalisation: 'symmetric',
  probabilityFloor: 1e-5,
};

/** Probabilities of C labels over an image of 8-bit colours. */
export interface CrfInput {
  readonly width: number;
  readonly height: number;
  /** Of each label, 0..1; `(C, height, width)` */
  readonly probabilities: Float32Array;
  /** `(height, width, 3)` */
  readonly rgb: Uint8Array | Uint8ClampedArray;
}

/**
 * Refines label probabilities so that near pixels of like colour agree.
 *
 * @returns probabilities; `(C, height, width)`, summing to 1 over C
 */
export function denseCrf(input: CrfInput, options: DenseCrfOptions = DENSE_CRF_DEFAULTS): Float32Array {
  const pixels = input.width * input.height;
  const C = input.probabilities.length / pixels;
  if (!Number.isInteger(C) || C < 1 || input.rgb.length !== pixels * 3) {
    throw new RangeError(
      `dense CRF: expected (C, ${input.height}, ${input.width}) probabilities and (${input.height}, ${input.width}, 3) ` +
        `colours, got ${input.probabilities.length} and ${input.rgb.length} numbers`,
    );
  }
  const unary = logProbabilities(input.probabilities, C, pixels, options.probabilityFloor);
  const kernels = [
    normalised(spatialFilter(input, options.gaussian.deviationPx), pixels, options),
    normalised(bilateralFilter(input, options.bilateral), pixels, options),
  ];
  const weights = [options.gaussian.weight, options.bilateral.weight];

  let belief = softmaxRows(unary, C);
  for (let round = 0; round < options.rounds; round++) {
    const energy = unary.slice();
    kernels.forEach((kernel, k) => addScaled(energy, kernel(belief, C), weights[k]!));
    belief = softmaxRows(energy, C);
  }
  return transposed(belief, pixels, C);
}

/** Sums values of all pixels under a kernel: `(pixels, C)` to `(pixels, C)`. */
type Filter = (values: Float32Array, C: number) => Float32Array;

/** D^-½ K D^-½, or K itself. */
function normalised(filter: Filter, pixels: number, { normalisation }: DenseCrfOptions): Filter {
  if (normalisation === 'none') return filter;
  const degree = filter(new Float32Array(pixels).fill(1), 1);
  const scale = degree.map((total) => 1 / Math.sqrt(total + Number.EPSILON));
  return (values, C) => scaleRows(filter(scaleRows(values, scale, C), C), scale, C);
}

/** exp(-|p_i - p_j|² / 2σ² - |I_i - I_j|² / 2σ_c²) on the lattice. */
function bilateralFilter(
  { width, height, rgb }: CrfInput,
  { deviationPx, colourDeviation }: DenseCrfOptions['bilateral'],
): Filter {
  const features = new Float32Array(width * height * 5);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const at = pixel * 5;
    features[at] = (pixel % width) / deviationPx;
    features[at + 1] = Math.floor(pixel / width) / deviationPx;
    for (let c = 0; c < 3; c++) features[at + 2 + c] = rgb[pixel * 3 + c]! / colourDeviation;
  }
  const lattice = permutohedralLattice(features, 5);
  return (values, C) => lattice.filter(values, C);
}

/** Beyond this many deviations a Gaussian adds less than 1e-3 of its peak. */
const SPATIAL_REACH = 4;

/** exp(-|p_i - p_j|² / 2σ²), first along rows, then along columns; nothing beyond the border. */
function spatialFilter({ width, height }: CrfInput, deviationPx: number): Filter {
  const reach = Math.ceil(SPATIAL_REACH * deviationPx);
  const taps = Float64Array.from({ length: reach + 1 }, (_, i) => Math.exp(-0.5 * (i / deviationPx) ** 2));
  return (values, C) => {
    const alongRows = correlate(values, taps, { lines: height, length: width, stride: C, lineStride: width * C, C });
    return correlate(alongRows, taps, { lines: width, length: height, stride: width * C, lineStride: C, C });
  };
}

interface Lines {
  readonly lines: number;
  readonly length: number;
  /** From a pixel of the line to the next. */
  readonly stride: number;
  /** From a line to the next. */
  readonly lineStride: number;
  readonly C: number;
}

/** Correlates every line with symmetric taps, given from the centre outwards. */
function correlate(values: Float32Array, taps: Float64Array, { lines, length, stride, lineStride, C }: Lines) {
  const result = new Float32Array(values.length);
  const reach = taps.length - 1;
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i < length; i++) {
      const to = line * lineStride + i * stride;
      for (let j = Math.max(0, i - reach); j <= Math.min(length - 1, i + reach); j++) {
        const tap = taps[Math.abs(i - j)]!;
        const from = line * lineStride + j * stride;
        for (let c = 0; c < C; c++) result[to + c]! += tap * values[from + c]!;
      }
    }
  }
  return result;
}

/** `(C, pixels)` probabilities to `(pixels, C)` logarithms. */
function logProbabilities(probabilities: Float32Array, C: number, pixels: number, floor: number): Float32Array {
  return transposed(probabilities, C, pixels).map((p) => Math.log(Math.max(p, floor)));
}

/** `(rows, columns)` to `(columns, rows)`. */
function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column]!;
  }
  return result;
}

function softmaxRows(logits: Float32Array, C: number): Float32Array {
  const result = new Float32Array(logits.length);
  for (let at = 0; at < logits.length; at += C) {
    let top = -Infinity;
    for (let c = 0; c < C; c++) top = Math.max(top, logits[at + c]!);
    let total = 0;
    for (let c = 0; c < C; c++) total += result[at + c] = Math.exp(logits[at + c]! - top);
    for (let c = 0; c < C; c++) result[at + c]! /= total;
  }
  return result;
}

function scaleRows(values: Float32Array, scale: Float32Array, C: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let row = 0; row < scale.length; row++) {
    for (let c = 0; c < C; c++) result[row * C + c] = values[row * C + c]! * scale[row]!;
  }
  return result;
}

function addScaled(to: Float32Array, values: Float32Array, weight: number): void {
  for (let i = 0; i < to.length; i++) to[i]! += weight * values[i]!;
}
