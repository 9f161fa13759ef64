import { fillRings } from './fill-rings.ts';
import { cutWindow } from './patch.ts';
import { windowAround, type ImagePoint, type MapSize, type Region } from './region.ts';

/** The pixels whose centres a closed line goes around an odd number of times; of no pixels for fewer than three points. */
export function polygonRegion(map: MapSize, points: readonly ImagePoint[]): Region {
  if (points.length < 3) return { window: { x: 0, y: 0, width: 0, height: 0 }, inside: new Uint8Array() };
  const window = cutWindow(windowAround(points), map);
  const ring = points.flatMap(({ x, y }) => [x - window.x, y - window.y]);
  return { window, inside: fillRings([ring], window.width, window.height).data };
}
