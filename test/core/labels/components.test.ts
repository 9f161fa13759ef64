import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  connectedComponents,
  fillHoles,
  keepLargestComponents,
  removeSmallComponents,
} from '../../../src-core/labels/components.ts';

/** Rows of digits as a plane; `x` is ignored. */
function plane(...rows: string[]): { map: Uint8Array; shape: number[] } {
  const map = Uint8Array.from([...rows.join('')], (digit) => (digit === 'x' ? 255 : Number(digit)));
  return { map, shape: [rows.length, rows[0]!.length] };
}

const volume = fc.record({
  shape: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
  seedLabels: fc.array(fc.constantFrom(0, 0, 1, 1, 2, 255), { minLength: 75, maxLength: 75 }),
});
interface Volume {
  readonly shape: [number, number, number];
  readonly seedLabels: number[];
}
const mapOf = ({ shape: [d, h, w], seedLabels }: Volume) => Uint8Array.from(seedLabels.slice(0, d * h * w));

describe('connected components', () => {
  it('join along faces, or along corners too', () => {
    const { map, shape } = plane('110', '001', '100');
    const faces = connectedComponents(map, shape);
    expect(faces.labels).toEqual([1, 0, 0, 1, 1]);
    expect(faces.sizes).toEqual([2, 1, 4, 1, 1]);
    const corners = connectedComponents(map, shape, 'corners');
    expect(corners.labels).toEqual([1, 0, 1]);
    expect(corners.sizes).toEqual([3, 5, 1]);
  });

  it('join through slices', () => {
    const map = Uint8Array.from([1, 0, 0, 0, 1, 0, 0, 1]);
    const { of, sizes } = connectedComponents(map, [2, 2, 2]);
    expect([...of]).toEqual([0, 1, 1, 1, 0, 1, 1, 2]);
    expect(sizes).toEqual([2, 5, 1]);
  });

  it('refuses maps that do not fit their shape', () => {
    expect(() => connectedComponents(new Uint8Array(5), [2, 3])).toThrow(/expected 6 labels.*got 5/);
    expect(() => connectedComponents(new Uint8Array(6), [6])).toThrow(/expected 2 or 3 axes/);
  });

  it('cover every voxel once, with neighbours of one label in one component', () => {
    fc.assert(
      fc.property(volume, (given) => {
        const map = mapOf(given);
        const [, height, width] = given.shape;
        const { of, labels, sizes } = connectedComponents(map, given.shape);
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(map.length);
        map.forEach((label, i) => {
          expect(labels[of[i]!]).toBe(label);
          if (i % width > 0) expect(of[i - 1] === of[i]).toBe(map[i - 1] === label);
          if (i >= width * height) expect(of[i - width * height] === of[i]).toBe(map[i - width * height] === label);
        });
      }),
    );
  });
});

describe('keeping the largest component', () => {
  it('keeps one of each class, the first of equal ones, and leaves ignored areas', () => {
    const { map, shape } = plane('1102', '0x02', '1002', '0020');
    expect([...keepLargestComponents(map, shape)]).toEqual([...plane('1102', '0x02', '0002', '0000').map]);
    const equal = plane('101', '000');
    expect([...keepLargestComponents(equal.map, equal.shape)]).toEqual([1, 0, 0, 0, 0, 0]);
  });

  it('leaves nothing to do a second time', () => {
    fc.assert(
      fc.property(volume, (given) => {
        const once = keepLargestComponents(mapOf(given), given.shape);
        expect(keepLargestComponents(once, given.shape)).toEqual(once);
        const { labels } = connectedComponents(once, given.shape);
        for (const label of [1, 2]) expect(labels.filter((each) => each === label).length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('removing small components', () => {
  it('drops those below the limit and keeps those at it', () => {
    const { map, shape } = plane('1101', '0002', 'x000');
    expect([...removeSmallComponents(map, shape, 2)]).toEqual([...plane('1100', '0000', 'x000').map]);
  });

  it('never changes a voxel to anything but background', () => {
    fc.assert(
      fc.property(volume, fc.nat(6), (given, minimum) => {
        const map = mapOf(given);
        const { of, sizes } = connectedComponents(map, given.shape);
        removeSmallComponents(map, given.shape, minimum).forEach((label, i) => {
          const stays = map[i] === 0 || map[i] === 255 || sizes[of[i]!]! >= minimum;
          expect(label).toBe(stays ? map[i] : 0);
        });
      }),
    );
  });
});

describe('filling holes', () => {
  it('fills what one class encloses', () => {
    const { map, shape } = plane('11100', '10100', '11100');
    expect([...fillHoles(map, shape)]).toEqual([...plane('11100', '11100', '11100').map]);
  });

  it('leaves what reaches the border, another class or an ignored area', () => {
    for (const rows of [
      ['101', '101', '111'],
      ['111', '102', '111'],
      ['111', '10x', '111'],
    ]) {
      const { map, shape } = plane(...rows);
      expect(fillHoles(map, shape)).toEqual(map);
    }
  });

  it('fills a plane that is stored as a volume of one slice', () => {
    const { map } = plane('111', '101', '111');
    expect([...fillHoles(map, [1, 3, 3])]).toEqual(new Array(9).fill(1));
  });

  it('only turns background into classes and has nothing to do a second time', () => {
    fc.assert(
      fc.property(volume, (given) => {
        const map = mapOf(given);
        const filled = fillHoles(map, given.shape);
        filled.forEach((label, i) => {
          if (map[i] !== 0) expect(label).toBe(map[i]);
          expect(label === 255 && map[i] !== 255).toBe(false);
        });
        expect(fillHoles(filled, given.shape)).toEqual(filled);
      }),
    );
  });
});
