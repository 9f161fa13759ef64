// Drawing of the synthetic phantom: soft-edged blobs on a square grid, smooth textures, blur. Lengths in millimetres.
import type { Random } from '../unia/parameters.ts';

/** A closed outline around a centre: an ellipse whose radius swings a little with the direction. */
export interface Blob {
  /** Centre, mm from the centre of the scene; y points down. */
  readonly x: number;
  readonly y: number;
  /** Semi-axes, mm. */
  readonly a: number;
  readonly b: number;
  /** Direction of the axis `a`, radians. */
  readonly angle: number;
  readonly swings: readonly Swing[];
}

/** One harmonic of an outline: `amount · cos(order · direction + phase)`, a share of the radius. */
export interface Swing {
  readonly order: number;
  readonly amount: number;
  readonly phase: number;
}

/** What a blob is filled with: a level, and a texture that varies it by a share. */
export interface Ink {
  readonly level: number;
  readonly texture?: Float32Array;
  readonly strength?: number;
}

/** A square picture, rows first. The scene is turned by `turn` radians about its centre before it is drawn. */
export interface Canvas {
  readonly size: number;
  readonly pixelMm: number;
  readonly turn: number;
  readonly values: Float32Array;
}

/** The blob with both semi-axes longer by some millimetres. */
export function grown(blob: Blob, mm: number): Blob {
  return { ...blob, a: Math.max(0.1, blob.a + mm), b: Math.max(0.1, blob.b + mm) };
}

/** A few harmonics of random size and phase; `amount` bounds the lowest, higher ones are smaller. */
export function randomSwings(random: Random, amount: number): Swing[] {
  return [2, 3, 4, 5].map((order) => ({
    order,
    amount: (amount * (2 * random.uniform() - 1) * 2) / order,
    phase: 2 * Math.PI * random.uniform(),
  }));
}

/** Calls `visit(index, distance)` for every pixel near the blob; distance in mm to its outline, negative inside. */
export function eachPixel(canvas: Canvas, blob: Blob, marginMm: number, visit: (i: number, mm: number) => void): void {
  const { size, pixelMm, turn } = canvas;
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const centreX = (blob.x * cos - blob.y * sin) / pixelMm + (size - 1) / 2;
  const centreY = (blob.x * sin + blob.y * cos) / pixelMm + (size - 1) / 2;
  const swing = blob.swings.reduce((sum, { amount }) => sum + Math.abs(amount), 1);
  const reach = (Math.max(blob.a, blob.b) * swing + marginMm) / pixelMm;
  const [left, right] = [Math.max(0, Math.floor(centreX - reach)), Math.min(size - 1, Math.ceil(centreX + reach))];
  const [top, bottom] = [Math.max(0, Math.floor(centreY - reach)), Math.min(size - 1, Math.ceil(centreY + reach))];
  const [axisCos, axisSin] = [Math.cos(blob.angle + turn), Math.sin(blob.angle + turn)];
  for (let y = top; y <= bottom; y += 1) {
    for (let x = left; x <= right; x += 1) {
      const [dx, dy] = [(x - centreX) * pixelMm, (y - centreY) * pixelMm];
      visit(y * size + x, outlineDistance(blob, dx * axisCos + dy * axisSin, dy * axisCos - dx * axisSin));
    }
  }
}

/** Distance to the outline to first order, mm; `u` and `v` along the blob's axes. */
function outlineDistance(blob: Blob, u: number, v: number): number {
  const { a, b } = blob;
  const relative = Math.hypot(u / a, v / b); // 1 on the plain ellipse
  if (relative < 1e-6) return -Math.min(a, b);
  const direction = Math.atan2(v, u);
  let edge = 1;
  for (const { order, amount, phase } of blob.swings) edge += amount * Math.cos(order * direction + phase);
  return ((relative - edge) * relative) / Math.hypot(u / (a * a), v / (b * b));
}

/** Fills the blob; its edge is one pixel soft, or `softMm` where that is more. */
export function paint(canvas: Canvas, blob: Blob, ink: Ink, softMm = 0): void {
  const width = Math.max(canvas.pixelMm, softMm);
  const { level, texture, strength = 0 } = ink;
  eachPixel(canvas, blob, width, (i, mm) => {
    const cover = Math.min(1, Math.max(0, 0.5 - mm / width));
    if (cover === 0) return;
    const value = texture ? level * (1 + strength * texture[i]!) : level;
    canvas.values[i] = canvas.values[i]! * (1 - cover) + value * cover;
  });
}

/** Smooth noise of about unit size over a square grid: random values every `cell` pixels, interpolated. */
export function smoothNoise(random: Random, size: number, cell: number): Float32Array {
  const knots = Math.ceil(size / cell) + 2;
  const grid = Float32Array.from({ length: knots * knots }, () => random.normal());
  const ease = (t: number) => t * t * (3 - 2 * t);
  const noise = new Float32Array(size * size);
  for (let y = 0; y < size; y += 1) {
    const row = Math.floor(y / cell);
    const ty = ease(y / cell - row);
    for (let x = 0; x < size; x += 1) {
      const column = Math.floor(x / cell);
      const tx = ease(x / cell - column);
      const at = row * knots + column;
      const upper = grid[at]! * (1 - tx) + grid[at + 1]! * tx;
      const lower = grid[at + knots]! * (1 - tx) + grid[at + knots + 1]! * tx;
      noise[y * size + x] = upper * (1 - ty) + lower * ty;
    }
  }
  return noise;
}

/** Blurs in place with the kernel (s, 1 - 2s, s) along rows, then columns; borders keep their values. */
export function blur(values: Float32Array, size: number, side: number): void {
  for (const [step, stride] of [
    [1, size],
    [size, 1],
  ] as const) {
    for (let line = 0; line < size; line += 1) {
      let before = values[line * stride]!;
      for (let k = 1; k < size - 1; k += 1) {
        const i = line * stride + k * step;
        const here = values[i]!;
        values[i] = side * before + (1 - 2 * side) * here + side * values[i + step]!;
        before = here;
      }
    }
  }
}
