// What a round brush covers on its way from one pointer event to the next.
import { regionWhere, windowAround, type ImagePoint, type MapSize, type Region } from './region.ts';

/** One press of the brush. */
export interface Dab extends ImagePoint {
  /** In image pixels. */
  readonly radius: number;
}

/** Thinner strokes would slip between pixel centres and break; a little more than half a pixel, for what is lost in rounding. */
const THINNEST = 0.501;
/** Share of the brush's radius that the lightest press still has. */
const LIGHTEST = 0.2;

/** The radius of a brush under a pressure of 0..1; its own where the device feels none. */
export function pressedRadius(radius: number, pressure: number | undefined): number {
  return pressure === undefined ? radius : radius * (LIGHTEST + (1 - LIGHTEST) * Math.min(1, Math.max(0, pressure)));
}

/**
 * The pixels whose centres a disc passes over that moves straight from one dab to the next while its radius changes evenly, and the
 * pixels under both dabs, so that the finest brush still paints.
 */
export function strokeRegion(map: MapSize, from: Dab, to: Dab): Region {
  const [first, last] = [Math.max(from.radius, THINNEST), Math.max(to.radius, THINNEST)];
  const [dx, dy, growth] = [to.x - from.x, to.y - from.y, last - first];
  // |p - from - t·(dx, dy)|² - (first + t·growth)² as a·t² + 2·b·t + c; at or below 0 inside the disc at t.
  const a = dx * dx + dy * dy - growth * growth;
  const covers = (x: number, y: number): boolean => {
    const [px, py] = [x - from.x, y - from.y];
    const b = -(px * dx + py * dy + first * growth);
    const c = px * px + py * py - first * first;
    if (c <= 0 || a + 2 * b + c <= 0) return true;
    if (a <= 0) return false; // one disc holds the other
    const t = -b / a;
    return t > 0 && t < 1 && b * t + c <= 0;
  };
  const under = (point: ImagePoint, x: number, y: number): boolean =>
    Math.floor(point.x) === Math.floor(x) && Math.floor(point.y) === Math.floor(y);
  return regionWhere(map, windowAround([from, to], Math.max(first, last)), (x, y) => {
    return covers(x, y) || under(from, x, y) || under(to, x, y);
  });
}
