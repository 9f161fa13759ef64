// Holes and parts of masks, for formats that store outlines.
import { counted } from '../../../src-core/datasets/counted.ts';
import { maskOf } from '../../../src-core/datasets/codecs/binary-mask.ts';
import { tracePolygons } from '../../../src-core/labels/contours.ts';
import type { LabelPlane } from '../../../src-core/imaging/plane.ts';
import type { ExportItem, MaskExport } from './mask-export.ts';

/** What outlines have trouble with. */
export interface PartCounts {
  /** Holes of all classes of all images, and in how many images they lie. */
  readonly holes: number;
  readonly imagesWithHoles: number;
  /** Classes of an image that are in several parts, and all parts of these. */
  readonly divided: number;
  readonly parts: number;
  /** Most parts of all classes together in one image. */
  readonly mostParts: number;
}

/** A visitor of `countMasks` that counts, and what it has counted. */
export function partCounter({ classes }: MaskExport): {
  readonly visit: (item: ExportItem, mask: LabelPlane) => void;
  readonly counts: () => PartCounts;
} {
  const sum = { holes: 0, imagesWithHoles: 0, divided: 0, parts: 0, mostParts: 0 };
  return {
    visit(_, mask) {
      let holesHere = 0;
      let partsHere = 0;
      for (const { id } of classes) {
        const polygons = tracePolygons(maskOf(mask, id));
        holesHere += polygons.reduce((count, { holes }) => count + holes.length, 0);
        partsHere += polygons.length;
        if (polygons.length < 2) continue;
        sum.divided++;
        sum.parts += polygons.length;
      }
      sum.holes += holesHere;
      if (holesHere > 0) sum.imagesWithHoles++;
      sum.mostParts = Math.max(sum.mostParts, partsHere);
    },
    counts: () => sum,
  };
}

/** What a format of outlines, one object for each, loses. */
export function outlineLosses({ holes, imagesWithHoles, divided, parts }: PartCounts, kept: 'join' | 'fill'): string[] {
  const how = {
    join: 'are joined to the outside by slits without width; a program that does not count crossings fills them',
    fill: 'are filled',
  };
  return [
    ...(holes > 0 ? [`${counted(holes, 'hole')} in ${counted(imagesWithHoles, 'image')} ${how[kept]}.`] : []),
    ...(divided > 0
      ? [
          `${counted(divided, 'mask', 'is')} in several parts; ${divided === 1 ? 'it becomes' : 'they become'} ${parts} objects.`,
        ]
      : []),
  ];
}
