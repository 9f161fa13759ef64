// Where an image lies on the canvas. Image points count stored pixels from the corner of the first one: pixel (x, y) covers
// x..x+1 and y..y+1. Screen points are CSS pixels from the corner of the canvas.

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What of the image is seen: the image point in the middle of the canvas, and how large a stored column is drawn. */
export interface Viewport {
  readonly centre: Point;
  /** CSS pixels a column. */
  readonly zoom: number;
}

/** The step on the screen, before zoom, from one stored column and from one stored row to the next. */
export interface Placement {
  readonly column: Point;
  readonly row: Point;
}

/** Columns to the right, rows down, square pixels. */
export const AS_STORED: Placement = { column: { x: 1, y: 0 }, row: { x: 0, y: 1 } };

const LARGEST_ZOOM = 64;
/** A tenth of the fitted image is as small as it gets. */
const SMALLEST_OF_FIT = 0.1;

export function toScreen(point: Point, viewport: Viewport, canvas: Size, { column, row }: Placement): Point {
  const { centre, zoom } = viewport;
  const [dx, dy] = [point.x - centre.x, point.y - centre.y];
  return {
    x: canvas.width / 2 + zoom * (column.x * dx + row.x * dy),
    y: canvas.height / 2 + zoom * (column.y * dx + row.y * dy),
  };
}

export function toImage(point: Point, viewport: Viewport, canvas: Size, placement: Placement): Point {
  const { centre, zoom } = viewport;
  const step = imageStep(
    { x: (point.x - canvas.width / 2) / zoom, y: (point.y - canvas.height / 2) / zoom },
    placement,
  );
  return { x: centre.x + step.x, y: centre.y + step.y };
}

/** The stored pixel under an image point; undefined outside the image. */
export function pixelAt(point: Point, { width, height }: Size): Point | undefined {
  const [x, y] = [Math.floor(point.x), Math.floor(point.y)];
  return x >= 0 && y >= 0 && x < width && y < height ? { x, y } : undefined;
}

/** The whole image, as large as the canvas holds it. */
export function fit(image: Size, canvas: Size, placement: Placement, marginPx = 0): Viewport {
  return { centre: middleOf(image), zoom: fitZoom(image, canvas, placement, marginPx) };
}

/** One stored column a CSS pixel, in the middle of what is seen. */
export function oneToOne({ centre }: Viewport): Viewport {
  return { centre, zoom: 1 };
}

/** Zooms so that the image point under `at` stays under it. */
export function zoomAt(
  viewport: Viewport,
  factor: number,
  at: Point,
  scene: { readonly image: Size; readonly canvas: Size; readonly placement: Placement },
): Viewport {
  const { image, canvas, placement } = scene;
  const smallest = Math.min(1, SMALLEST_OF_FIT * fitZoom(image, canvas, placement, 0));
  const zoom = Math.min(LARGEST_ZOOM, Math.max(smallest, viewport.zoom * factor));
  const under = toImage(at, viewport, canvas, placement);
  const moved = toImage(at, { ...viewport, zoom }, canvas, placement);
  const centre = { x: viewport.centre.x + under.x - moved.x, y: viewport.centre.y + under.y - moved.y };
  return { centre: within(centre, image), zoom };
}

/** Moves the image by a distance on the screen; its middle line never leaves the canvas. */
export function pan(viewport: Viewport, byPx: Point, image: Size, placement: Placement): Viewport {
  const step = imageStep({ x: byPx.x / viewport.zoom, y: byPx.y / viewport.zoom }, placement);
  const centre = { x: viewport.centre.x - step.x, y: viewport.centre.y - step.y };
  return { ...viewport, centre: within(centre, image) };
}

/** Keeps what is seen when the next image has another size: the same place as a share of it, the same share of the fit. */
export function carryOver(viewport: Viewport, from: Size, to: Size): Viewport {
  if (from.width === to.width && from.height === to.height) return viewport;
  const scale = Math.max(from.width / to.width, from.height / to.height);
  return {
    centre: { x: (viewport.centre.x / from.width) * to.width, y: (viewport.centre.y / from.height) * to.height },
    zoom: viewport.zoom * scale,
  };
}

function fitZoom(image: Size, canvas: Size, { column, row }: Placement, marginPx: number): number {
  const width = image.width * Math.abs(column.x) + image.height * Math.abs(row.x);
  const height = image.width * Math.abs(column.y) + image.height * Math.abs(row.y);
  const room = (side: number): number => Math.max(1, side - 2 * marginPx);
  return Math.min(LARGEST_ZOOM, room(canvas.width) / width, room(canvas.height) / height);
}

function middleOf({ width, height }: Size): Point {
  return { x: width / 2, y: height / 2 };
}

function within({ x, y }: Point, { width, height }: Size): Point {
  return { x: Math.min(width, Math.max(0, x)), y: Math.min(height, Math.max(0, y)) };
}

/** A step on the screen, zoom taken out, as a step of the image. */
function imageStep({ x, y }: Point, { column, row }: Placement): Point {
  const determinant = column.x * row.y - row.x * column.y;
  return { x: (row.y * x - row.x * y) / determinant, y: (column.x * y - column.y * x) / determinant };
}
