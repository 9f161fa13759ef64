// A montage: one row an item; columns image, truth, CAM, mask, uncertainty; a legend below. Columns that no row has are left out.
import { BACKGROUND, IGNORE, type LabelPlane, type Plane } from '../imaging/plane.ts';
import { drawText, LETTER_HEIGHT, textWidth } from './bitmap-font.ts';
import { blend, cividis, classColours, inferno } from './colours.ts';
import { Picture, type Colour } from './picture.ts';

/** One item. Maps and masks have the image's size. */
export interface MontageRow {
  readonly title: string;
  readonly image: Plane;
  readonly truth?: LabelPlane;
  /** Activation in 0..1; one map, or one for each class after another, of which the largest is shown. */
  readonly cam?: Float32Array;
  readonly mask?: LabelPlane;
  readonly uncertainty?: Float32Array;
}

const CELL = 200;
const GAP = 6;
const TEXT_SCALE = 2;
const LINE = (LETTER_HEIGHT + 5) * TEXT_SCALE;
const BAR_WIDTH = 120;
const FILL_SHARE = 0.4;

const PAPER: Colour = [18, 18, 18];
const INK: Colour = [235, 235, 235];
const QUIET: Colour = [160, 160, 160];
const IGNORED: Colour = [130, 130, 130];

type Column = 'image' | 'truth' | 'cam' | 'mask' | 'uncertainty';
const COLUMNS: readonly Column[] = ['image', 'truth', 'cam', 'mask', 'uncertainty'];
const TITLES: Readonly<Record<Column, string>> = {
  image: 'image',
  truth: 'truth',
  cam: 'CAM',
  mask: 'mask',
  uncertainty: 'uncertainty',
};

/** Smallest and largest uncertainty of all rows; the colours span it. */
interface Range {
  readonly low: number;
  readonly high: number;
}

/** Draws the montage. */
export function drawMontage(rows: readonly MontageRow[], classes: readonly string[]): Picture {
  if (rows.length === 0) throw new Error('montage rows: expected one or more, got none');
  rows.forEach(checkRow);
  const columns = COLUMNS.filter((column) => rows.some((row) => row[column] !== undefined));
  const colours = classColours(classes);
  const range = uncertaintyRange(rows);
  const heights = rows.map(({ image }) => Math.round((CELL * image.height) / image.width));
  const left = GAP;
  // The legend needs the width of two columns even where there are fewer.
  const width = Math.max(2, columns.length) * (CELL + GAP) + GAP;
  const legend = legendEntries(classes, colours, columns, range);
  const legendLines = layOut(legend, width - 2 * GAP);
  const height = LINE + heights.reduce((sum, cell) => sum + cell + LINE + GAP, 0) + legendLines.length * LINE + GAP;
  const picture = new Picture(width, height, PAPER);

  columns.forEach((column, k) => drawText(picture, TITLES[column], left + k * (CELL + GAP), GAP, TEXT_SCALE, INK));
  let top = LINE;
  rows.forEach((row, r) => {
    drawText(picture, row.title, left, top + 4, TEXT_SCALE, QUIET);
    top += LINE;
    columns.forEach((column, k) => {
      drawCell(picture, row, column, left + k * (CELL + GAP), top, heights[r]!, colours, range);
    });
    top += heights[r]! + GAP;
  });
  for (const line of legendLines) {
    let x = left;
    for (const entry of line) {
      entry.draw(picture, x, top + 4);
      x += entry.width;
    }
    top += LINE;
  }
  return picture;
}

function checkRow({ title, image, truth, cam, mask, uncertainty }: MontageRow): void {
  const size = image.width * image.height;
  const refuse = (what: string, expected: string, got: string): never => {
    throw new Error(`montage row "${title}", ${what}: expected ${expected}, got ${got}`);
  };
  for (const [what, plane] of [
    ['truth', truth],
    ['mask', mask],
  ] as const) {
    if (plane && (plane.width !== image.width || plane.height !== image.height)) {
      refuse(what, `${image.width} x ${image.height}`, `${plane.width} x ${plane.height}`);
    }
  }
  if (cam && (cam.length === 0 || cam.length % size !== 0))
    refuse('cam', `a multiple of ${size} values`, `${cam.length}`);
  if (uncertainty && uncertainty.length !== size) refuse('uncertainty', `${size} values`, `${uncertainty.length}`);
}

function uncertaintyRange(rows: readonly MontageRow[]): Range {
  let [low, high] = [Infinity, -Infinity];
  for (const { uncertainty } of rows) {
    for (const value of uncertainty ?? []) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return { low, high };
}

function drawCell(
  picture: Picture,
  row: MontageRow,
  column: Column,
  left: number,
  top: number,
  height: number,
  colours: readonly Colour[],
  range: Range,
): void {
  const { image } = row;
  const labels = column === 'truth' ? row.truth : column === 'mask' ? row.mask : undefined;
  if (row[column] === undefined) return;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < CELL; x += 1) {
      const at = { x: ((x + 0.5) * image.width) / CELL - 0.5, y: ((y + 0.5) * image.height) / height - 0.5 };
      let colour = imageColour(image, at);
      if (labels) colour = labelled(colour, labels, x, y, height, colours);
      else if (column === 'cam') colour = heated(colour, strongest(row.cam!, image, at));
      else if (column === 'uncertainty') {
        const value = interpolate(row.uncertainty!, image, at, 0, 1);
        const share = range.high > range.low ? (value - range.low) / (range.high - range.low) : 0;
        colour = blend(colour, cividis(share), 0.35 + 0.5 * share);
      }
      picture.set(left + x, top + y, colour);
    }
  }
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function imageColour(image: Plane, at: Point): Colour {
  const value = (channel: number) =>
    Math.round(255 * Math.min(1, Math.max(0, interpolate(image.data, image, at, channel, image.channels))));
  return image.channels === 3 ? [value(0), value(1), value(2)] : [value(0), value(0), value(0)];
}

/** The higher the activation, the less of the image shows through. */
function heated(under: Colour, value: number): Colour {
  return blend(under, inferno(value), 0.75 * Math.min(1, Math.max(0, value)) ** 0.7);
}

function strongest(cam: Float32Array, image: Plane, at: Point): number {
  const size = image.width * image.height;
  let most = 0;
  for (let start = 0; start < cam.length; start += size) {
    most = Math.max(most, interpolate(cam.subarray(start, start + size), image, at, 0, 1));
  }
  return most;
}

/** A label's colour over the image, full along its outline; ignored pixels in a check of grey. */
function labelled(
  under: Colour,
  labels: LabelPlane,
  x: number,
  y: number,
  height: number,
  colours: readonly Colour[],
): Colour {
  const label = (cellX: number, cellY: number) => {
    const column = Math.min(labels.width - 1, Math.floor((Math.max(0, cellX) * labels.width) / CELL));
    const row = Math.min(labels.height - 1, Math.floor((Math.max(0, cellY) * labels.height) / height));
    return labels.data[row * labels.width + column]!;
  };
  const here = label(x, y);
  if (here === BACKGROUND) return under;
  if (here === IGNORE) return ((x >> 2) + (y >> 2)) % 2 === 0 ? blend(under, IGNORED, 0.8) : under;
  const colour = colours[here - 1] ?? INK;
  const outline = [label(x - 1, y), label(x + 1, y), label(x, y - 1), label(x, y + 1)].some((near) => near !== here);
  return outline ? colour : blend(under, colour, FILL_SHARE);
}

/** Bilinear, edges repeated. */
function interpolate(
  data: Float32Array,
  { width, height }: Plane,
  { x, y }: Point,
  channel: number,
  channels: number,
): number {
  const left = Math.min(width - 1, Math.max(0, Math.floor(x)));
  const top = Math.min(height - 1, Math.max(0, Math.floor(y)));
  const [right, bottom] = [Math.min(width - 1, left + 1), Math.min(height - 1, top + 1)];
  const [tx, ty] = [Math.min(1, Math.max(0, x - left)), Math.min(1, Math.max(0, y - top))];
  const value = (column: number, row: number) => data[(row * width + column) * channels + channel]!;
  const upper = value(left, top) * (1 - tx) + value(right, top) * tx;
  const lower = value(left, bottom) * (1 - tx) + value(right, bottom) * tx;
  return upper * (1 - ty) + lower * ty;
}

/** One part of the legend, drawn with its upper left corner at (x, y). */
interface LegendEntry {
  readonly width: number;
  draw(picture: Picture, x: number, y: number): void;
}

function legendEntries(
  classes: readonly string[],
  colours: readonly Colour[],
  columns: readonly Column[],
  range: Range,
): LegendEntry[] {
  const swatch = (name: string, colour: Colour): LegendEntry => ({
    width: 20 + textWidth(name, TEXT_SCALE) + 16,
    draw: (picture, x, y) => {
      picture.fill(x, y, 14, 14, colour);
      drawText(picture, name, x + 20, y, TEXT_SCALE, INK);
    },
  });
  const bar = (name: string, low: string, high: string, ramp: (value: number) => Colour): LegendEntry => {
    const before = `${name} ${low} `;
    return {
      width: textWidth(before + high, TEXT_SCALE) + BAR_WIDTH + 24,
      draw: (picture, x, y) => {
        drawText(picture, before, x, y, TEXT_SCALE, INK);
        const start = x + textWidth(before, TEXT_SCALE);
        for (let k = 0; k < BAR_WIDTH; k += 1) picture.fill(start + k, y, 1, 14, ramp(k / (BAR_WIDTH - 1)));
        drawText(picture, high, start + BAR_WIDTH + 8, y, TEXT_SCALE, INK);
      },
    };
  };
  const masks = columns.includes('truth') || columns.includes('mask');
  return [
    ...(masks ? classes.map((name, i) => swatch(name, colours[i]!)) : []),
    ...(columns.includes('mask') ? [swatch('ignored', IGNORED)] : []),
    ...(columns.includes('cam') ? [bar('CAM', '0', '1', inferno)] : []),
    ...(columns.includes('uncertainty')
      ? [bar('uncertainty', range.low.toFixed(2), range.high.toFixed(2), cividis)]
      : []),
  ];
}

function layOut(entries: readonly LegendEntry[], width: number): LegendEntry[][] {
  const lines: LegendEntry[][] = [];
  let used = Infinity;
  for (const entry of entries) {
    if (used + entry.width > width) {
      lines.push([]);
      used = 0;
    }
    lines.at(-1)!.push(entry);
    used += entry.width;
  }
  return lines;
}
