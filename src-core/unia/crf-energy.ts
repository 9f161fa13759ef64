// Dense-CRF energy of the segmentation: a regulariser of the release (method.md 7).
// Differs from the release: every pixel meets its neighbours at a few distances instead of all pixels of the image, so that the energy is
// a fixed number of shifts; the Gaussian kernel over colour and position is the same.
import {
  add,
  bindShape,
  exp,
  mean,
  mul,
  resizeBilinear,
  slice,
  softmax,
  square,
  sub,
  sum,
  transpose,
  type Tensor,
} from '../tensor/index.ts';
import type { Grid } from './grid.ts';

export interface CrfEnergyOptions {
  /** Deviation of the colour kernel, in the image's own units (normalised images: 1 is one deviation of ImageNet). */
  readonly colourDeviation: number;
  /** Deviation of the position kernel, pixels of the segmentation. */
  readonly positionDeviation: number;
  /** Distances at which pixels meet, pixels of the segmentation. */
  readonly distances: readonly number[];
}

/** The release's colour deviation of 15 grey levels, with ImageNet's deviation of about 58. */
export const CRF_ENERGY_DEFAULTS: CrfEnergyOptions = {
  colourDeviation: 0.26,
  positionDeviation: 25,
  distances: [1, 2, 4, 8],
};

/** One half of the eight directions: the other half would meet the same pairs again. */
const DIRECTIONS: readonly (readonly [rows: number, columns: number])[] = [
  [0, 1],
  [1, 0],
  [1, 1],
  [1, -1],
];

/**
 * Mean over neighbouring pixels of likeness · (1 - chance that both have one label): low where edges of the
 * segmentation are edges of the image.
 *
 * @param logits - `(N, M+1, h, w)`
 * @param images - resized to the logits, no gradient is wanted; `(N, I, S, S)`
 */
export function crfEnergy(logits: Tensor, images: Tensor, options: CrfEnergyOptions = CRF_ENERGY_DEFAULTS): Tensor {
  const { N, h, w } = bindShape('segmentation logits', logits.shape, 'N K h w');
  bindShape('images', images.shape, 'N I S T', { N });
  const pairs = options.distances.flatMap((distance) =>
    DIRECTIONS.map(([rows, columns]) => [rows * distance, columns * distance] as const).filter(
      ([rows, columns]) => rows < h && Math.abs(columns) < w,
    ),
  );
  if (pairs.length === 0) throw new RangeError(`distances: expected one below ${h}x${w}, got ${options.distances}`);
  const probabilities = transpose(softmax(transpose(logits, [0, 2, 3, 1])), [0, 3, 1, 2]);
  const colours = resizeBilinear(images, [h, w]);
  const energies = pairs.map((shift) => pairEnergy(probabilities, colours, shift, options));
  return mul(
    energies.reduce((total, energy) => add(total, energy)),
    1 / pairs.length,
  );
}

function pairEnergy(probabilities: Tensor, colours: Tensor, shift: Grid, options: CrfEnergyOptions): Tensor {
  const [from, to] = overlap(probabilities, shift);
  const [colourFrom, colourTo] = overlap(colours, shift);
  const colourDistance = sum(square(sub(colourFrom, colourTo)), 1);
  const nearness = Math.exp(-(shift[0] ** 2 + shift[1] ** 2) / (2 * options.positionDeviation ** 2));
  const likeness = mul(exp(mul(colourDistance, -1 / (2 * options.colourDeviation ** 2))), nearness);
  return mean(mul(likeness, sub(1, sum(mul(from, to), 1))));
}

/** The pixels that have a partner at the shift, and their partners. */
function overlap(maps: Tensor, [rows, columns]: Grid): [Tensor, Tensor] {
  const [N, K, h, w] = maps.shape as [number, number, number, number];
  const size = [N, K, h - rows, w - Math.abs(columns)];
  const left = Math.max(0, columns);
  const right = Math.max(0, -columns);
  return [slice(maps, [0, 0, 0, right], size), slice(maps, [0, 0, rows, left], size)];
}
