import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GreyImage } from '../../../src-core/imaging/motion.ts';
import type { LabelPlane } from '../../../src-core/imaging/plane.ts';
import { propagatedLabels } from '../../../src-core/labels/propagate.ts';

const SIDE = 80;
const CENTRE = { x: 41, y: 38 };
const MYOCARDIUM = 2;
const CAVITY = 3;

/** A short axis as it contracts: a bright cavity in a dark ring, whose wall thickens. */
function heart(cavity: number, wall: number): { image: GreyImage; plane: LabelPlane } {
  const image = new Uint16Array(SIDE * SIDE);
  const labels = new Uint8Array(SIDE * SIDE);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const distance = Math.hypot(x - CENTRE.x, y - CENTRE.y);
      const at = y * SIDE + x;
      const soft = (radius: number): number => 1 / (1 + Math.exp(1.5 * (distance - radius)));
      image[at] = 300 - 220 * soft(cavity + wall) + 520 * soft(cavity);
      labels[at] = distance < cavity ? CAVITY : distance < cavity + wall ? MYOCARDIUM : 0;
    }
  }
  const size = { width: SIDE, height: SIDE };
  return { image: { ...size, data: image }, plane: { ...size, data: labels } };
}

function dice(a: Uint8Array, b: Uint8Array, label: number): number {
  let [both, sum] = [0, 0];
  a.forEach((each, i) => {
    if (each === label && b[i] === label) both += 2;
    sum += Number(each === label) + Number(b[i] === label);
  });
  return both / sum;
}

describe('labels propagated through the phases of a heart beat', () => {
  const phases = [
    [16, 6],
    [14, 7],
    [12, 8],
    [10, 9],
  ].map(([cavity, wall]) => heart(cavity!, wall!));

  it('follow the wall that a copy would miss, phase after phase', () => {
    const [diastole, ...others] = phases;
    const propagated = [
      ...propagatedLabels(
        diastole!.plane,
        diastole!.image,
        others.map(({ image }) => image),
      ),
    ];
    expect(propagated).toHaveLength(3);
    for (const [i, { plane }] of others.entries()) {
      expect(dice(propagated[i]!, plane.data, CAVITY)).toBeGreaterThan(0.95);
      expect(dice(propagated[i]!, plane.data, MYOCARDIUM)).toBeGreaterThan(0.9);
    }
    expect(dice(diastole!.plane.data, others[2]!.plane.data, MYOCARDIUM)).toBeLessThan(0.6);
  });

  it('are the labels that were drawn, and nothing else', () => {
    const systole = phases[3]!.image;
    const anyPlane = fc.array(fc.constantFrom(0, 0, 0, 1, 2, 255), { minLength: SIDE, maxLength: SIDE });
    fc.assert(
      fc.property(anyPlane, fc.integer({ min: 0, max: SIDE - 1 }), (line, row) => {
        const data = new Uint8Array(SIDE * SIDE);
        data.set(line, row * SIDE);
        const [labels] = propagatedLabels({ width: SIDE, height: SIDE, data }, phases[0]!.image, [systole]);
        expect(new Set(data)).toEqual(new Set([...labels!, ...data]));
      }),
      { numRuns: 5 },
    );
  });

  it('stay where they are while nothing moves', () => {
    const { plane, image } = phases[0]!;
    expect([...propagatedLabels(plane, image, [image, image])]).toEqual([plane.data, plane.data]);
  });

  it('are none where none were drawn', () => {
    const empty = { width: SIDE, height: SIDE, data: new Uint8Array(SIDE * SIDE) };
    const { image } = phases[0]!;
    expect([...propagatedLabels(empty, image, [image])]).toEqual([empty.data]);
  });
});
