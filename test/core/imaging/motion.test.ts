import { describe, expect, it } from 'vitest';
import { motionBetween, type GreyImage } from '../../../src-core/imaging/motion.ts';

/** A bright blob with a soft edge on a slanting ground. */
function blob(side: number, x: number, y: number, radius: number): GreyImage {
  const data = new Float32Array(side * side);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const distance = Math.hypot(column - x, row - y);
      data[row * side + column] = 40 + 200 / (1 + Math.exp(distance - radius)) + column / 4;
    }
  }
  return { width: side, height: side, data };
}

describe('the motion between two images', () => {
  it('leads each pixel back to where it came from', () => {
    const motion = motionBetween(blob(64, 30, 34, 8), blob(64, 35, 31, 8));
    // An edge shows how it moves across itself only.
    for (const side of [-8, 8]) {
      expect(motion.dx[31 * 64 + 35 + side]).toBeCloseTo(-5, 0);
      expect(motion.dy[(31 + side) * 64 + 35]).toBeCloseTo(3, 0);
    }
  });

  it('is none between an image and itself, however bright either is', () => {
    const image = blob(48, 20, 20, 7);
    const brighter = { ...image, data: Float32Array.from(image.data, (value) => 1000 + 3 * value) };
    const { dx, dy } = motionBetween(image, brighter);
    expect(Math.max(...dx.map(Math.abs), ...dy.map(Math.abs))).toBeLessThan(0.1);
  });

  it('is told in pixels of the images also where they are larger than the finest level', () => {
    const motion = motionBetween(blob(320, 150, 160, 40), blob(320, 162, 160, 40));
    expect(motion.dx).toHaveLength(320 * 320);
    expect(motion.dx[160 * 320 + 162 - 40]).toBeCloseTo(-12, -0.5);
  });

  it('begins with the motion that is given, and lets go of what the images do not show', () => {
    const [earlier, later] = [blob(64, 30, 34, 8), blob(64, 33, 34, 8)];
    const wrong = { width: 64, height: 64, dx: new Float32Array(64 * 64).fill(-6), dy: new Float32Array(64 * 64) };
    expect(motionBetween(earlier, later, wrong).dx[34 * 64 + 33 - 8]).toBeCloseTo(-3, 0);
  });

  it('stays finite on images of one value and of one pixel', () => {
    for (const side of [1, 3, 40]) {
      const flat = { width: side, height: side, data: new Uint16Array(side * side).fill(7) };
      const { dx, dy } = motionBetween(flat, flat);
      expect([...dx, ...dy].every((value) => value === 0)).toBe(true);
    }
  });

  it('needs images of one size', () => {
    expect(() => motionBetween(blob(40, 9, 9, 3), blob(48, 9, 9, 3))).toThrow('earlier: expected 48 x 48, got 40 x 40');
  });
});
