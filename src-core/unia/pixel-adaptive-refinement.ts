// Pixel-adaptive refinement (PAR): pulls maps to image edges by averaging over neighbours of similar colour
// (method.md 5, 10; UniA takes it from Ru et al., AFA).
// Differs from the paper: nothing in the numbers. Neighbours are read by one gather with pixels as rows and averaged as
// one small product per pixel, which is several times faster compiled than 48 shifted planes.
import {
  abs,
  add,
  bindShape,
  div,
  expandDims,
  gather,
  matMul,
  mean,
  mul,
  neg,
  reshape,
  softmax,
  sqrt,
  square,
  sub,
  sum,
  tensor,
  transpose,
  type Tensor,
} from '../tensor/index.ts';

/** How PAR weighs and repeats. */
export interface RefinementOptions {
  readonly rounds: number;
  /** Distances of the eight neighbours, in pixels. */
  readonly dilations: readonly number[];
  /** Width of the colour and distance terms, in standard deviations of the neighbourhood. */
  readonly width: number;
  /** Weight of the distance term beside the colour term's 1. */
  readonly positionWeight: number;
}

export const REFINEMENT_DEFAULTS: RefinementOptions = {
  rounds: 10,
  dilations: [1, 2, 4, 8, 12, 24],
  width: 0.3,
  positionWeight: 0.01,
};

/** Keeps the division finite where the neighbourhood is constant. */
const DEVIATION_FLOOR = 1e-8;

/**
 * Refines maps along the edges of an image.
 *
 * @param image - any number of channels; `(N, D, H, W)`
 * @param maps - `(N, C, H, W)`
 * @returns `(N, C, H, W)`
 */
export function pixelAdaptiveRefinement(
  image: Tensor,
  maps: Tensor,
  options: RefinementOptions = REFINEMENT_DEFAULTS,
): Tensor {
  const { N, H, W } = bindShape('image', image.shape, 'N D H W');
  bindShape('maps to refine', maps.shape, 'N C H W', { N, H, W });
  return refineWithWeights(refinementWeights(image, options), maps, options);
}

/**
 * The weight of every neighbour: softmax of colour likeness plus a small softmax of nearness. Sums to 1 + positionWeight.
 *
 * @param image - `(N, D, H, W)`
 * @returns `(N, H·W, K)`, K = 8 neighbours of each dilation
 */
export function refinementWeights(image: Tensor, options: RefinementOptions = REFINEMENT_DEFAULTS): Tensor {
  const { N, D, H, W } = bindShape('image', image.shape, 'N D H W');
  const offsets = neighbourOffsets(options.dilations);
  const K = offsets.length;

  const pixels = reshape(image, [N, D, H * W]);
  const around = reshape(gather(pixels, neighbourIndices([H, W], offsets), 2), [N, D, H * W, K]);
  const difference = sub(around, expandDims(pixels, 3)); // its deviation is that of the neighbours themselves
  const centred = sub(difference, mean(difference, 3, true));
  const deviation = sqrt(mul(sum(square(centred), 3, true), 1 / (K - 1)));
  const scale = mul(add(deviation, DEVIATION_FLOOR), options.width);
  const colour = softmax(neg(mean(square(div(abs(difference), scale)), 1)));
  return add(colour, tensor(positionTerm(offsets, options), [1, 1, K]));
}

/**
 * The rounds of weighted averaging.
 *
 * @param weights - of {@link refinementWeights} with the same dilations; `(N, H·W, K)`
 * @param maps - `(N, C, H, W)`
 * @returns `(N, C, H, W)`
 */
export function refineWithWeights(
  weights: Tensor,
  maps: Tensor,
  options: RefinementOptions = REFINEMENT_DEFAULTS,
): Tensor {
  const { N, C, H, W } = bindShape('maps to refine', maps.shape, 'N C H W');
  const offsets = neighbourOffsets(options.dilations);
  const K = offsets.length;
  bindShape('refinement weights', weights.shape, `N P K`, { N, P: H * W, K });

  const indices = neighbourIndices([H, W], offsets);
  const weightRows = reshape(weights, [N * H * W, 1, K]);
  let pixels = transpose(reshape(maps, [N, C, H * W]), [0, 2, 1]);
  for (let round = 0; round < options.rounds; round++) {
    const around = reshape(gather(pixels, indices, 1), [N * H * W, K, C]);
    pixels = reshape(matMul(weightRows, around), [N, H * W, C]);
  }
  return reshape(transpose(pixels, [0, 2, 1]), [N, C, H, W]);
}

interface Offset {
  readonly y: number;
  readonly x: number;
}

/** Eight neighbours per dilation, row by row, nearest dilation first. */
function neighbourOffsets(dilations: readonly number[]): readonly Offset[] {
  if (dilations.length === 0) throw new RangeError('PAR dilations: expected at least one, got none');
  const steps = [-1, 0, 1];
  return dilations.flatMap((d) =>
    steps.flatMap((y) => steps.filter((x) => y !== 0 || x !== 0).map((x) => ({ y: y * d, x: x * d }))),
  );
}

/** `(H·W·K)`: where each neighbour of each pixel lies in the row-major image; beyond the border, at the border. */
function neighbourIndices([H, W]: readonly [number, number], offsets: readonly Offset[]): Tensor {
  const K = offsets.length;
  const rows = new Int32Array(H * K);
  const columns = new Int32Array(W * K);
  offsets.forEach(({ y, x }, k) => {
    for (let i = 0; i < H; i++) rows[i * K + k] = clamp(i + y, H) * W;
    for (let j = 0; j < W; j++) columns[j * K + k] = clamp(j + x, W);
  });
  // Added in the program, so that the compiled model carries H·K + W·K constants instead of H·W·K.
  return reshape(add(tensor(rows, [H, 1, K], 'int32'), tensor(columns, [1, W, K], 'int32')), [H * W * K]);
}

function clamp(position: number, size: number): number {
  return Math.min(Math.max(position, 0), size - 1);
}

/** The nearness part of the weights, the same at every pixel. */
function positionTerm(offsets: readonly Offset[], { width, positionWeight }: RefinementOptions): Float32Array {
  const distances = offsets.map(({ y, x }) => Math.hypot(y, x));
  const average = distances.reduce((total, d) => total + d, 0) / distances.length;
  const variance = distances.reduce((total, d) => total + (d - average) ** 2, 0) / (distances.length - 1);
  const scale = (Math.sqrt(variance) + DEVIATION_FLOOR) * width;
  const nearness = distances.map((d) => Math.exp(-((d / scale) ** 2)));
  const total = nearness.reduce((sumSoFar, value) => sumSoFar + value, 0);
  return Float32Array.from(nearness, (value) => (positionWeight * value) / total);
}
