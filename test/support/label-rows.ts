// Small label maps as rows of digits.
import type { LabelPlane } from '../../src-core/imaging/plane.ts';
import type { MapSize, Region } from '../../src-core/labels/region.ts';

/** Rows of digits as a label map. */
export function planeOf(...rows: string[]): LabelPlane {
  return { width: rows[0]!.length, height: rows.length, data: Uint8Array.from([...rows.join('')], Number) };
}

/** The rows of a label map, or of labels of its size, as digits. */
export function rowsOf({ width, height, data }: LabelPlane, labels: ArrayLike<number> = data): string[] {
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => labels[y * width + x]).join(''),
  );
}

/** A region as rows of 0 and 1 over the whole map. */
export function rowsOfRegion(map: MapSize, { window, inside }: Region): string[] {
  const data = new Uint8Array(map.width * map.height);
  inside.forEach((set, i) => {
    const [x, y] = [window.x + (i % window.width), window.y + Math.floor(i / window.width)];
    data[y * map.width + x] = set;
  });
  return rowsOf({ ...map, data });
}
