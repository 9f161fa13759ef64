// Windows of a slice for a person to tap: which of them show a class. They say where a class is, which tags on whole slices
// cannot, as nearly every slice of a volume shows every class (docs/results.md).
import type { Window } from '../imaging/plane.ts';
import type { SeededRandom } from '../training/random.ts';

/** How the windows of one class are laid out. */
export interface CropPlan {
  /** In rows and columns, or anywhere but apart from one another. */
  readonly layout: 'grid' | 'scatter';
  /** Windows of each slice. */
  readonly windows: number;
  /** Side of a window as a share of the shorter side of the image. */
  readonly side: number;
  /** Share of the training slices that is asked for. */
  readonly share: number;
}

/** Eight windows of three tenths of a slice were enough in the study of ACDC; a quarter of the slices is a start. */
export const USUAL_CROPS: CropPlan = { layout: 'scatter', windows: 8, side: 0.3, share: 0.25 };

/** Places tried for each scattered window; the farthest from the others is taken. */
const CANDIDATES = 12;

/** Windows inside the centre square of an image, in reading order. */
export function layoutWindows(
  { width, height }: { readonly width: number; readonly height: number },
  { layout, windows, side }: CropPlan,
  random: SeededRandom,
): Window[] {
  const square = Math.min(width, height);
  const size = Math.max(1, Math.min(square, Math.round(side * square)));
  const left = Math.floor((width - square) / 2);
  const top = Math.floor((height - square) / 2);
  const room = square - size;
  const corners = layout === 'grid' ? gridCorners(windows, room) : scatteredCorners(windows, room, random);
  return inReadingOrder(corners, size).map(({ x, y }) => ({ x: left + x, y: top + y, width: size, height: size }));
}

interface Corner {
  readonly x: number;
  readonly y: number;
}

function gridCorners(count: number, room: number): Corner[] {
  const columns = Math.ceil(Math.sqrt(count));
  const rows = Math.ceil(count / columns);
  return Array.from({ length: count }, (_, i) => {
    const row = Math.floor(i / columns);
    const inRow = Math.min(columns, count - row * columns);
    return { x: along(i - row * columns, inRow, room), y: along(row, rows, room) };
  });
}

/** Place `index` of `count` that are spread from one end to the other; the middle where there is one. */
function along(index: number, count: number, room: number): number {
  return Math.round(count === 1 ? room / 2 : (index * room) / (count - 1));
}

function scatteredCorners(count: number, room: number, random: SeededRandom): Corner[] {
  const corners: Corner[] = [];
  const distance = (a: Corner): number => Math.min(Infinity, ...corners.map((b) => Math.hypot(a.x - b.x, a.y - b.y)));
  while (corners.length < count) {
    const candidates = Array.from({ length: CANDIDATES }, () => ({
      x: random.below(room + 1),
      y: random.below(room + 1),
    }));
    corners.push(candidates.reduce((best, next) => (distance(next) > distance(best) ? next : best)));
  }
  return corners;
}

/** Lines of the height of a window from the top, each from the left. */
function inReadingOrder(corners: readonly Corner[], size: number): Corner[] {
  const line = ({ y }: Corner): number => Math.floor(y / size);
  return corners.toSorted((a, b) => line(a) - line(b) || a.x - b.x);
}
