// What can be done to a class of a label map, or to all of its classes, at one key: keep the largest part, smooth, grow, ...
import type { LabelPlane } from '../imaging/plane.ts';
import { BACKGROUND } from '../imaging/plane.ts';
import { fillHoles, keepLargestComponents, removeSmallComponents } from './components.ts';
import { paintLabels, type PaintRules } from './paint.ts';
import type { LabelPatch } from './patch.ts';
import { copiedLabels, movedClass, resizedClass, smoothedLabels, type PixelSpacing } from './reshape-class.ts';

/** `label`: the class it is done to; every class when left out, where that is possible. */
export type ClassOperation =
  | { readonly kind: 'keepLargest' | 'fillHoles' | 'clear'; readonly label?: number }
  | { readonly kind: 'removeSmall'; readonly label?: number; readonly minimumPixels: number }
  | { readonly kind: 'smooth'; readonly label?: number; readonly radiusPx: number }
  /** Grows by a positive distance and shrinks by a negative one, in pixels or in the unit of the spacing. */
  | {
      readonly kind: 'resize';
      readonly label: number;
      readonly distance: number;
      readonly spacing?: PixelSpacing | undefined;
    }
  | { readonly kind: 'move'; readonly label: number; readonly columns: number; readonly rows: number }
  /** From another slice or phase. */
  | { readonly kind: 'copy'; readonly label?: number; readonly from: LabelPlane };

/** The change that an operation makes, as far as the rules allow; undefined where it changes nothing. */
export function operationPatch(
  plane: LabelPlane,
  operation: ClassOperation,
  rules: PaintRules,
): LabelPatch | undefined {
  return paintLabels(plane, labelsAfter(plane, operation), rules);
}

function labelsAfter(plane: LabelPlane, operation: ClassOperation): Uint8Array {
  const { data } = plane;
  const shape = [plane.height, plane.width];
  switch (operation.kind) {
    case 'keepLargest':
      return keepLargestComponents(data, shape, 'faces', operation.label);
    case 'fillHoles':
      return fillHoles(data, shape, operation.label);
    case 'clear':
      return data.map((label) => (operation.label === undefined || label === operation.label ? BACKGROUND : label));
    case 'removeSmall':
      return removeSmallComponents(data, shape, operation.minimumPixels, 'faces', operation.label);
    case 'smooth':
      return smoothedLabels(plane, operation.radiusPx, operation.label);
    case 'resize':
      return resizedClass(plane, operation.label, operation.distance, operation.spacing);
    case 'move':
      return movedClass(plane, operation.label, operation.columns, operation.rows);
    case 'copy':
      return copiedLabels(plane, operation.from, operation.label);
  }
}
