// Rows of YOLO segmentation: the class, counted from 0, then the corners of one polygon over width and height of the image.
import { refuse, type Refusal } from '../../imaging/refusal.ts';
import type { Ring } from '../../labels/fill-rings.ts';

/** A polygon of a class; corners in pixels. */
export interface YoloPolygon {
  /** Counted from 0, as data.yaml lists them. */
  readonly classIndex: number;
  readonly ring: Ring;
}

/** Exact to a hundredth of a pixel in images of up to 10 000. */
const DIGITS = 6;

/** Text of an image's label file; empty for an image without any class, which YOLO takes as background. */
export function encodeYoloRows(polygons: readonly YoloPolygon[], width: number, height: number): string {
  return polygons
    .map(({ classIndex, ring }) => {
      const shares = ring.map((value, i) => String(Number((value / (i % 2 === 0 ? width : height)).toFixed(DIGITS))));
      return `${classIndex} ${shares.join(' ')}\n`;
    })
    .join('');
}

/** Polygons of a label file. */
export function decodeYoloRows(text: string, width: number, height: number): YoloPolygon[] | Refusal {
  const polygons: YoloPolygon[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const [classIndex, ...shares] = line.trim().split(/\s+/).map(Number);
    const found = `line ${index + 1}: ${JSON.stringify(line.length > 60 ? `${line.slice(0, 60)}...` : line)}`;
    if (classIndex === undefined || !Number.isInteger(classIndex) || classIndex < 0) {
      return refuse('rows that begin with a class counted from 0', found);
    }
    if (shares.length < 6 || shares.length % 2 === 1) {
      return refuse('three or more corners of x and y after the class', `${found}, ${shares.length} numbers`);
    }
    if (shares.some((share) => !(share >= 0 && share <= 1))) return refuse('corners of 0 to 1', found);
    polygons.push({ classIndex, ring: shares.map((share, i) => share * (i % 2 === 0 ? width : height)) });
  }
  return polygons;
}
