// How tissue moved between two images of a series: Thirion's demons with the symmetric force of Vercauteren et al., "Diffeomorphic demons:
// efficient non-parametric image registration", NeuroImage 2009; from coarse to fine, the steps composed.
import { measureRange, normalise } from './normalise.ts';

/** One value a pixel, rows first. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}

/** What pixel (x, y) of the later image shows lies at (x + dx, y + dy) of the earlier one; in pixels, rows first. */
export interface MotionField {
  readonly width: number;
  readonly height: number;
  readonly dx: Float32Array;
  readonly dy: Float32Array;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Pixels on the longer side at the finest level: larger images move as their reduced ones do. */
const FINEST_SIDE = 256;
/** Pixels on the longer side that the coarsest level has at least. */
const COARSEST_SIDE = 24;
/** Of a level. */
const ROUNDS = 20;
/** Longest step of a round, pixels of its level. */
const LONGEST_STEP = 1;
/** How smooth a step and the whole motion are, standard deviations in pixels of the level. */
const STEP_WEIGHTS = gaussian(1);
const MOTION_WEIGHTS = gaussian(1.2);

/**
 * The motion that lays the earlier image over the later one. Where an image shows no structure, it moves as its surroundings do.
 *
 * @param start - a motion to begin with, such as that to the phase before
 * @throws RangeError where the sizes differ
 */
export function motionBetween(earlier: GreyImage, later: GreyImage, start?: MotionField): MotionField {
  const { width, height } = later;
  for (const [name, size] of Object.entries({ earlier, ...(start && { start }) })) {
    if (size.width === width && size.height === height) continue;
    throw new RangeError(`${name}: expected ${width} x ${height}, got ${size.width} x ${size.height}`);
  }
  let motion = start;
  for (const level of levelsOf(later)) {
    const moving = comparable(reduced(earlier, level));
    const fixed = comparable(reduced(later, level));
    motion = motion ? scaled(motion, level) : still(level);
    for (let round = 0; round < ROUNDS; round++) motion = improved(motion, fixed, moving);
  }
  return scaled(motion!, later); // there is one level at least
}

/** Sizes from coarse to fine, each twice the one before. */
function levelsOf({ width, height }: Size): Size[] {
  const longer = Math.max(width, height);
  const levels: Size[] = [];
  for (let side = Math.min(longer, FINEST_SIDE); levels.length === 0 || side >= COARSEST_SIDE; side /= 2) {
    const share = side / longer;
    levels.unshift({ width: Math.max(1, Math.round(width * share)), height: Math.max(1, Math.round(height * share)) });
  }
  return levels;
}

/** Each pixel the mean of those that it covers. */
function reduced({ width, height, data }: GreyImage, to: Size): Field {
  const field = new Field(to);
  for (let y = 0; y < to.height; y++) {
    const [top, bottom] = covered(y, height / to.height, height);
    for (let x = 0; x < to.width; x++) {
      const [left, right] = covered(x, width / to.width, width);
      let sum = 0;
      for (let row = top; row < bottom; row++) {
        for (let column = left; column < right; column++) sum += data[row * width + column]!;
      }
      field.data[y * to.width + x] = sum / ((bottom - top) * (right - left));
    }
  }
  return field;
}

function covered(place: number, scale: number, side: number): [from: number, to: number] {
  const from = Math.min(side - 1, Math.round(place * scale));
  return [from, Math.max(from + 1, Math.min(side, Math.round((place + 1) * scale)))];
}

/** Two images of a series may differ in brightness and contrast. */
function comparable(field: Field): Field {
  return new Field(field, normalise(field.data, measureRange(field.data)));
}

function improved(motion: MotionField, fixed: Field, moving: Field): MotionField {
  const { width, height } = motion;
  const warped = new Field(motion);
  eachPixel(motion, (i, x, y) => (warped.data[i] = moving.at(x + motion.dx[i]!, y + motion.dy[i]!)));
  const [stepX, stepY] = [new Field(motion), new Field(motion)];
  eachPixel(motion, (i, x, y) => {
    const difference = fixed.data[i]! - warped.data[i]!;
    const [left, right] = [x > 0 ? i - 1 : i, x < width - 1 ? i + 1 : i];
    const [above, below] = [y > 0 ? i - width : i, y < height - 1 ? i + width : i];
    const slope = (field: Field, from: number, to: number): number => (field.data[to]! - field.data[from]!) / 2;
    const slopeX = (slope(fixed, left, right) + slope(warped, left, right)) / 2;
    const slopeY = (slope(fixed, above, below) + slope(warped, above, below)) / 2;
    const force = slopeX ** 2 + slopeY ** 2 + (difference / (2 * LONGEST_STEP)) ** 2;
    if (force === 0) return;
    stepX.data[i] = (difference * slopeX) / force;
    stepY.data[i] = (difference * slopeY) / force;
  });
  stepX.smooth(STEP_WEIGHTS);
  stepY.smooth(STEP_WEIGHTS);
  const [beforeX, beforeY] = [new Field(motion, motion.dx), new Field(motion, motion.dy)];
  const [dx, dy] = [new Field(motion), new Field(motion)];
  eachPixel(motion, (i, x, y) => {
    const [alongX, alongY] = [stepX.data[i]!, stepY.data[i]!];
    dx.data[i] = beforeX.at(x + alongX, y + alongY) + alongX;
    dy.data[i] = beforeY.at(x + alongX, y + alongY) + alongY;
  });
  dx.smooth(MOTION_WEIGHTS);
  dy.smooth(MOTION_WEIGHTS);
  return { width, height, dx: dx.data, dy: dy.data };
}

function still({ width, height }: Size): MotionField {
  return { width, height, dx: new Float32Array(width * height), dy: new Float32Array(width * height) };
}

/** The same motion on a grid of another size. */
function scaled(motion: MotionField, to: Size): MotionField {
  if (motion.width === to.width && motion.height === to.height) return motion;
  const [scaleX, scaleY] = [motion.width / to.width, motion.height / to.height];
  const [fromX, fromY] = [new Field(motion, motion.dx), new Field(motion, motion.dy)];
  const after = { width: to.width, height: to.height, dx: new Field(to).data, dy: new Field(to).data };
  eachPixel(to, (i, x, y) => {
    const [column, row] = [(x + 0.5) * scaleX - 0.5, (y + 0.5) * scaleY - 0.5];
    after.dx[i] = fromX.at(column, row) / scaleX;
    after.dy[i] = fromY.at(column, row) / scaleY;
  });
  return after;
}

function eachPixel({ width, height }: Size, visit: (index: number, x: number, y: number) => void): void {
  for (let y = 0, i = 0; y < height; y++) for (let x = 0; x < width; x++, i++) visit(i, x, y);
}

/** Values on a grid of pixels, read between pixels as well. */
class Field {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;

  constructor({ width, height }: Size, data: Float32Array = new Float32Array(width * height)) {
    this.width = width;
    this.height = height;
    this.data = data;
  }

  /** Bilinear; beyond the border, the border's. */
  at(x: number, y: number): number {
    const { width, height, data } = this;
    const column = Math.min(Math.max(x, 0), width - 1);
    const row = Math.min(Math.max(y, 0), height - 1);
    const [left, top] = [Math.floor(column), Math.floor(row)];
    const [u, v] = [column - left, row - top];
    const i = top * width + left;
    const right = left < width - 1 ? 1 : 0;
    const below = top < height - 1 ? width : 0;
    const upper = data[i]! + u * (data[i + right]! - data[i]!);
    const lower = data[i + below]! + u * (data[i + below + right]! - data[i + below]!);
    return upper + v * (lower - upper);
  }

  /** Along rows, then along columns; the border goes on. */
  smooth(weights: Float32Array): void {
    const { width, height, data } = this;
    const reach = (weights.length - 1) / 2;
    const padded = new Float32Array(width + 2 * reach);
    const rows = new Float32Array(data.length);
    for (let y = 0; y < height; y++) {
      const row = data.subarray(y * width, (y + 1) * width);
      padded.fill(row[0]!, 0, reach);
      padded.set(row, reach);
      padded.fill(row[width - 1]!, reach + width);
      addWeighted(rows, y * width, width, weights, (k) => padded.subarray(k, k + width));
    }
    data.fill(0);
    for (let y = 0; y < height; y++) {
      addWeighted(data, y * width, width, weights, (k) => {
        const from = Math.min(Math.max(y + k - reach, 0), height - 1) * width;
        return rows.subarray(from, from + width);
      });
    }
  }
}

function addWeighted(
  sums: Float32Array,
  start: number,
  length: number,
  weights: Float32Array,
  lineOf: (k: number) => Float32Array,
): void {
  for (let k = 0; k < weights.length; k++) {
    const [weight, line] = [weights[k]!, lineOf(k)];
    for (let i = 0; i < length; i++) sums[start + i]! += weight * line[i]!;
  }
}

function gaussian(sigma: number): Float32Array {
  const reach = Math.ceil(3 * sigma);
  const weights = Float32Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * sigma ** 2)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
