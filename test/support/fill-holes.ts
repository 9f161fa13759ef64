// Holes and parts of masks by flooding, to check what exports say they lose. Nothing of this is how exports trace outlines.
import type { LabelPlane } from '../../src-core/imaging/plane.ts';

/** A label map whose classes were filled one after another, and what there was. */
export interface Filled {
  readonly mask: LabelPlane;
  /** Of all classes together. */
  readonly holes: number;
  /** Of each class. */
  readonly parts: readonly number[];
}

const SIDES = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
] as const;
const CORNERS = [
  [1, 1],
  [-1, 1],
  [1, -1],
  [-1, -1],
] as const;

/** Fills the holes of each class, later classes over earlier ones. Pixels of a part meet at sides, those of a hole at corners too. */
export function fillHoles({ width, height, data }: LabelPlane, ids: readonly number[]): Filled {
  const filled = new Uint8Array(data.length);
  const parts: number[] = [];
  let holes = 0;
  for (const id of ids) {
    const inside = (index: number): boolean => data[index] === id;
    const around = regions(width, height, (index) => !inside(index), [...SIDES, ...CORNERS]);
    const enclosed = around.filter(({ touchesBorder }) => !touchesBorder);
    holes += enclosed.length;
    parts.push(regions(width, height, inside, SIDES).length);
    for (const { pixels } of enclosed) for (const index of pixels) filled[index] = id;
    for (let index = 0; index < data.length; index++) if (inside(index)) filled[index] = id;
  }
  return { mask: { width, height, data: filled }, holes, parts };
}

function regions(
  width: number,
  height: number,
  belongs: (index: number) => boolean,
  neighbours: readonly (readonly [number, number])[],
): { readonly pixels: readonly number[]; readonly touchesBorder: boolean }[] {
  const seen = new Uint8Array(width * height);
  const found: { pixels: number[]; touchesBorder: boolean }[] = [];
  for (let start = 0; start < seen.length; start++) {
    if (seen[start] === 1 || !belongs(start)) continue;
    const region = { pixels: [start], touchesBorder: false };
    seen[start] = 1;
    for (const index of region.pixels) {
      const [x, y] = [index % width, Math.floor(index / width)];
      for (const [dx, dy] of neighbours) {
        const [nextX, nextY] = [x + dx, y + dy];
        if (nextX < 0 || nextY < 0 || nextX >= width || nextY >= height) {
          region.touchesBorder = true;
          continue;
        }
        const next = nextY * width + nextX;
        if (seen[next] === 1 || !belongs(next)) continue;
        seen[next] = 1;
        region.pixels.push(next);
      }
    }
    found.push(region);
  }
  return found;
}
