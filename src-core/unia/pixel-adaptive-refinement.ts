// Pixel-adaptive refinement (PAR): pulls maps to image edges by averaging over neighbours of similar colour
// (method.md 5, 10; UniA takes it from Ru et al., AFA).
// Differs from the paper: nothing in the numbers. Pixels are rows and the images of the batch lie side by side in them: a
// round gathers 48 rows per pixel and averages them by one small product, band by band so that it stays in the cache.
import {
  add,
  bindShape,
  concat,
  div,
  expandDims,
  gather,
  matMul,
  mean,
  mul,
  neg,
  padEdge,
  reshape,
  slice,
  softmax,
  sqrt,
  square,
  stack,
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
 * @returns `(H·W, N, K)`, K = 8 neighbours of each dilation
 */
export function refinementWeights(image: Tensor, options: RefinementOptions = REFINEMENT_DEFAULTS): Tensor {
  const { N, D, H, W } = bindShape('image', image.shape, 'N D H W');
  const offsets = neighbourOffsets(options.dilations);
  const perGroup = Math.max(1, Math.floor(GATHER_LIMIT / (offsets.length * D * H * W)));
  const colour = groupsOf(perGroup, N).map(({ from, count }) =>
    colourTerm(slice(image, [from, 0, 0, 0], [count, D, H, W]), offsets, options),
  );
  const position = tensor(positionTerm(offsets, options), [1, 1, offsets.length]);
  return transpose(add(concat(colour, 0), position), [1, 0, 2]);
}

/** The colour part of the weights; `(n, H·W, K)` for `(n, D, H, W)`. */
function colourTerm(image: Tensor, offsets: readonly Offset[], { dilations, width }: RefinementOptions): Tensor {
  const { n, D, H, W } = bindShape('image', image.shape, 'n D H W');
  const K = offsets.length;
  const reach = Math.max(...dilations);
  const padded = padEdge(image, reach);
  const around = stack(offsets.map(({ y, x }) => slice(padded, [0, 0, reach + y, reach + x], [n, D, H, W])));
  const difference = sub(around, expandDims(image, 0)); // its deviation is that of the neighbours themselves
  const centred = sub(difference, mean(difference, 0, true));
  const deviation = sqrt(mul(sum(square(centred), 0, true), 1 / (K - 1)));
  const scale = mul(add(deviation, DEVIATION_FLOOR), width);
  const distance = mean(mul(square(difference), div(1, square(scale))), 2); // (K, n, H, W)
  const colour = softmax(neg(transpose(reshape(distance, [K, n * H * W]), [1, 0])));
  return reshape(colour, [n, H * W, K]);
}

/**
 * The rounds of weighted averaging.
 *
 * @param weights - of {@link refinementWeights} with the same dilations; `(H·W, N, K)`
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
  bindShape('refinement weights', weights.shape, 'P N K', { N, P: H * W, K });
  if (N > IMAGES_SIDE_BY_SIDE) return refineInGroups(weights, maps, options);

  const bands = rowBands(H, W * K * N * C).map(({ from, count }): Band => ({
    neighbours: neighbourIndices([H, W], offsets, from, count),
    weights: slice(weights, [from * W, 0, 0], [count * W, N, K]),
  }));
  let pixels = reshape(transpose(reshape(maps, [N, C, H * W]), [2, 0, 1]), [H * W, N * C]);
  for (let round = 0; round < options.rounds; round++) {
    pixels = concat(
      bands.map((band) => averageNeighbours(pixels, band, N)),
      0,
    );
  }
  return reshape(transpose(reshape(pixels, [H * W, N, C]), [1, 2, 0]), [N, C, H, W]);
}

/** Images whose maps share a row; the products wasted on other images' maps grow with its square. */
const IMAGES_SIDE_BY_SIDE = 8;

function refineInGroups(weights: Tensor, maps: Tensor, options: RefinementOptions): Tensor {
  const groups = groupsOf(IMAGES_SIDE_BY_SIDE, maps.shape[0] ?? 0).map(({ from, count }) => {
    const ownWeights = slice(weights, [0, from, 0], [-1, count, -1]);
    const ownMaps = slice(maps, [from, 0, 0, 0], [count, -1, -1, -1]);
    return refineWithWeights(ownWeights, ownMaps, options);
  });
  return concat(groups, 0);
}

interface Span {
  readonly from: number;
  readonly count: number;
}

/** 0..total in groups of `size`, the last one smaller where it does not divide. */
function groupsOf(size: number, total: number): readonly Span[] {
  return Array.from({ length: Math.ceil(total / size) }, (_, group) => ({
    from: group * size,
    count: Math.min(size, total - group * size),
  }));
}

/** Some rows of the image that are averaged together. */
interface Band {
  /** Rows of `pixels` to read, K for each pixel of the band. */
  readonly neighbours: Tensor;
  /** `(P, N, K)` */
  readonly weights: Tensor;
}

/** The band's pixels after one round; `(P, N·C)`. */
function averageNeighbours(pixels: Tensor, { neighbours, weights }: Band, N: number): Tensor {
  const [P, , K] = weights.shape as [number, number, number];
  const [, NC] = pixels.shape as [number, number];
  const around = reshape(gather(pixels, neighbours, 0), [P, K, NC]);
  const product = matMul(weights, around);
  if (N === 1) return reshape(product, [P, NC]);
  // Every image's weights met every image's maps: the wasted products cost less than reading each image's rows apart.
  const blocks = reshape(product, [P, N * N, NC / N]);
  const own = tensor(
    Array.from({ length: N }, (_, n) => n * (N + 1)),
    [N],
    'int32',
  );
  return reshape(gather(blocks, own, 1), [P, NC]);
}

/** Neighbour values held at a time: 8 MB, measured fastest between 2 MB and all at once. */
const GATHER_LIMIT = 1 << 21;

/** Cuts H rows into bands of about equal height, so that none gathers more than the limit (or is a single row). */
function rowBands(H: number, gatheredPerRow: number): readonly Span[] {
  const count = Math.min(H, Math.ceil((H * gatheredPerRow) / GATHER_LIMIT));
  return Array.from({ length: count }, (_, band) => {
    const from = Math.floor((band * H) / count);
    return { from, count: Math.floor(((band + 1) * H) / count) - from };
  });
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

/** Where each neighbour of each pixel of some rows lies in the row-major image; beyond the border, at the border. */
function neighbourIndices(
  [H, W]: readonly [number, number],
  offsets: readonly Offset[],
  fromRow: number,
  rows: number,
): Tensor {
  const indices = new Int32Array(rows * W * offsets.length);
  let next = 0;
  for (let i = fromRow; i < fromRow + rows; i++) {
    for (let j = 0; j < W; j++) {
      for (const { y, x } of offsets) indices[next++] = clamp(i + y, H) * W + clamp(j + x, W);
    }
  }
  return tensor(indices, [indices.length], 'int32');
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
