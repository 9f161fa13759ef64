// A label map that is being edited, and what of it changed since it was last drawn.
import type { LabelPlane, Window } from '../../src-core/imaging/plane.ts';

/** Changes that are remembered one by one; whoever is further behind takes the whole map. */
const REMEMBERED = 64;

/** Label ids that change in place, since a stroke touches few of millions of pixels. */
export class LabelLayer {
  readonly plane: LabelPlane;
  private readonly changes: Window[] = [];
  private count = 0;
  /** Null until it is asked for: the whole map has to be looked through. */
  private known: { extent: Window | undefined } | null = null;

  constructor(plane: LabelPlane) {
    this.plane = plane;
  }

  /** A window that holds every pixel that is not background; it only grows. */
  get extent(): Window | undefined {
    this.known ??= { extent: extentOf(this.plane) };
    return this.known.extent;
  }

  /** Number of changes so far. */
  get version(): number {
    return this.count;
  }

  /** Notes that the ids in a window have changed. */
  changed(window: Window): void {
    this.count++;
    this.changes.push(window);
    if (this.known) this.known.extent = this.known.extent ? around(this.known.extent, window) : window;
    if (this.changes.length > REMEMBERED) this.changes.shift();
  }

  /** The window around everything that changed after a version; undefined where nothing did. */
  changedSince(version: number): Window | undefined {
    const missed = this.count - version;
    if (missed <= 0) return undefined;
    if (missed > this.changes.length) return { x: 0, y: 0, width: this.plane.width, height: this.plane.height };
    return this.changes.slice(-missed).reduce(around);
  }
}

/** The smallest window that holds both. */
export function around(a: Window, b: Window): Window {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  const right = Math.max(a.x + a.width, b.x + b.width);
  const bottom = Math.max(a.y + a.height, b.y + b.height);
  return { x, y, width: right - x, height: bottom - y };
}

function extentOf({ width, height, data }: LabelPlane): Window | undefined {
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let y = 0; y < height; y++) {
    const row = data.subarray(y * width, (y + 1) * width);
    const first = row.findIndex(isLabel);
    if (first < 0) continue;
    left = Math.min(left, first);
    right = Math.max(right, row.findLastIndex(isLabel));
    top = Math.min(top, y);
    bottom = y;
  }
  return right < 0 ? undefined : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

function isLabel(label: number): boolean {
  return label !== 0;
}
