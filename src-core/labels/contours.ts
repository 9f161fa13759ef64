// Masks as polygons along the edges of their pixels, exact in both directions: corners are whole numbers, pixel (x, y) covers
// x..x+1 and y..y+1. A part is what shares sides; pixels that only touch at a corner are two parts. Outer rings run
// clockwise on the screen (y down), holes the other way. Rings are filled in fill-rings.ts.
import type { Ring } from './fill-rings.ts';
import type { BinaryMask } from './region.ts';

/** One connected part of a mask. */
export interface PixelPolygon {
  readonly outer: Ring;
  readonly holes: readonly Ring[];
}

/** Steps with the inside on the right hand: 0 right, 1 down, 2 left, 3 up. */
const STEP_X = [1, 0, -1, 0];
const STEP_Y = [0, 1, 0, -1];
/** From a corner to the pixel beyond it on the right hand; that of the direction to the left is the one on the left. */
const RIGHT_X = [0, -1, -1, 0];
const RIGHT_Y = [0, 0, -1, -1];

interface TracedRing {
  readonly ring: number[];
  readonly isHole: boolean;
  /** Top end of the ring's leftmost edge. */
  readonly left: { readonly x: number; readonly y: number };
}

/** The parts of a mask, in the order of their first pixels. */
export function tracePolygons(mask: BinaryMask): PixelPolygon[] {
  return tracePolygonsWithSlits(mask).map(({ outer, holes }) => ({ outer, holes: holes.map(({ ring }) => ring) }));
}

/**
 * The parts of a mask as one ring each: holes are joined to what surrounds them by slits without width. A filler that
 * counts crossings (COCO's among them) gives the mask back exactly.
 */
export function traceJoinedRings(mask: BinaryMask): Ring[] {
  return tracePolygonsWithSlits(mask).map(({ outer, holes }) =>
    holes.reduce<Ring>((whole, { ring, from, to }) => joinRings(whole, ring, from, to), outer),
  );
}

interface JoinedHole {
  readonly ring: Ring;
  /** Corner of the hole where the slit begins, and the point to its left where it ends. */
  readonly from: Point;
  readonly to: Point;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function tracePolygonsWithSlits(mask: BinaryMask): { outer: Ring; holes: JoinedHole[] }[] {
  const { rings, ringOfEdge } = traceRings(mask);
  const parts = new Map<number, { outer: Ring; holes: JoinedHole[] }>();
  rings.forEach(({ ring, isHole }, index) => {
    if (!isHole) parts.set(index, { outer: ring, holes: [] });
  });
  const partOf = rings.map(({ isHole }, index) => (isHole ? -1 : index));
  const holes = rings.map((_, index) => index).filter((index) => rings[index]!.isHole);
  // What lies left of a hole is the outer ring of its part or a hole further left, so from left to right all are known.
  holes.sort((a, b) => rings[a]!.left.x - rings[b]!.left.x || rings[a]!.left.y - rings[b]!.left.y);
  for (const index of holes) {
    const { ring, left } = rings[index]!;
    let x = left.x - 1;
    while (ringOfEdge[left.y * (mask.width + 1) + x] === -1) x--;
    const part = partOf[ringOfEdge[left.y * (mask.width + 1) + x]!]!;
    partOf[index] = part;
    parts.get(part)!.holes.push({ ring, from: left, to: { x, y: left.y } });
  }
  return [...parts.values()];
}

/** All rings, and for each upright pixel edge (its row, its x) the ring that it belongs to; -1 where there is none. */
function traceRings({ width, height, data }: BinaryMask): { rings: TracedRing[]; ringOfEdge: Int32Array } {
  const isInside = (x: number, y: number): boolean =>
    x >= 0 && y >= 0 && x < width && y < height && data[y * width + x] === 1;
  const ringOfEdge = new Int32Array((width + 1) * height).fill(-1);
  const rings: TracedRing[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x <= width; x++) {
      if (isInside(x - 1, y) === isInside(x, y) || ringOfEdge[y * (width + 1) + x] !== -1) continue;
      rings.push(followRing(isInside, width, x, y, ringOfEdge, rings.length));
    }
  }
  return { rings, ringOfEdge };
}

/** Goes once around from the upright edge at (x, y), marking every upright edge that it passes. */
function followRing(
  isInside: (x: number, y: number) => boolean,
  width: number,
  startX: number,
  startY: number,
  ringOfEdge: Int32Array,
  index: number,
): TracedRing {
  // An outer ring is met at its left side, going up; a hole at its left side too, going down with the inside on its right.
  const isHole = isInside(startX - 1, startY);
  const startDirection = isHole ? 1 : 3;
  let direction = startDirection;
  let [x, y] = isHole ? [startX, startY] : [startX, startY + 1];
  const [beginX, beginY] = [x, y];
  const corners: number[] = [];
  let left = { x: startX, y: startY };
  do {
    if (direction % 2 === 1) {
      const top = direction === 1 ? y : y - 1;
      ringOfEdge[top * (width + 1) + x] = index;
      if (x < left.x) left = { x, y: top };
      else if (x === left.x && top < left.y) left = { x, y: top };
    }
    x += STEP_X[direction]!;
    y += STEP_Y[direction]!;
    const next = nextDirection(isInside, x, y, direction);
    if (next !== direction) corners.push(x, y);
    direction = next;
  } while (x !== beginX || y !== beginY || direction !== startDirection);
  return { ring: corners, isHole, left };
}

/** Right where the pixel ahead on the right ends, left where one comes in the way, else straight on. */
function nextDirection(isInside: (x: number, y: number) => boolean, x: number, y: number, direction: number): number {
  const left = (direction + 3) % 4;
  if (!isInside(x + RIGHT_X[direction]!, y + RIGHT_Y[direction]!)) return (direction + 1) % 4;
  return isInside(x + RIGHT_X[left]!, y + RIGHT_Y[left]!) ? left : direction;
}

/** One ring of two: from a point on the first along the slit, around the second, and back. */
function joinRings(whole: Ring, hole: Ring, from: Point, to: Point): Ring {
  const at = placeOn(whole, to);
  const start = cornerAt(hole, from);
  const around = [...hole.slice(start), ...hole.slice(0, start)];
  return [...whole.slice(0, at), to.x, to.y, ...around, from.x, from.y, to.x, to.y, ...whole.slice(at)];
}

/** Index in the ring before which a point of it belongs. */
function placeOn(ring: Ring, point: Point): number {
  for (let i = 0; i < ring.length; i += 2) {
    const [x1, y1] = [ring[i]!, ring[i + 1]!];
    const [x2, y2] = [ring[(i + 2) % ring.length]!, ring[(i + 3) % ring.length]!];
    const within = (a: number, value: number, b: number): boolean => Math.min(a, b) <= value && value <= Math.max(a, b);
    const onLine = (x1 === x2 && x1 === point.x) || (y1 === y2 && y1 === point.y);
    if (onLine && within(x1, point.x, x2) && within(y1, point.y, y2)) return i + 2;
  }
  throw new Error(`ring: expected (${point.x}, ${point.y}) on it, got a ring that passes by`);
}

function cornerAt(ring: Ring, point: Point): number {
  for (let i = 0; i < ring.length; i += 2) if (ring[i] === point.x && ring[i + 1] === point.y) return i;
  throw new Error(`ring: expected a corner at (${point.x}, ${point.y}), got none`);
}
