// What a tool shows of what it is about to do, as paths over the canvas; never part of its picture.
import type { CursorShape } from '../tools/tool.ts';
import type { Point } from './viewport.ts';

/** The path of a shape in CSS pixels of the canvas. */
export function cursorPath(shape: CursorShape, place: (point: Point) => Point): string {
  switch (shape.kind) {
    case 'circle': {
      const { centre, radius } = shape;
      const middle = place(centre);
      // Rows may be drawn taller than columns are wide, and columns downwards.
      const [along, across] = [
        place({ x: centre.x + radius, y: centre.y }),
        place({ x: centre.x, y: centre.y + radius }),
      ];
      const rx = Math.max(Math.abs(along.x - middle.x), Math.abs(across.x - middle.x));
      const ry = Math.max(Math.abs(along.y - middle.y), Math.abs(across.y - middle.y));
      const arc = (width: number): string => `a${at(rx, ry)} 0 1 0 ${at(width, 0)}`;
      return `M${at(middle.x - rx, middle.y)}${arc(2 * rx)}${arc(-2 * rx)}Z`;
    }
    case 'crosshair': {
      const { x, y } = place(shape.centre);
      return `M${at(x - 14, y)}h10m8 0h10M${at(x, y - 14)}v10m0 8v10`;
    }
    case 'polyline': {
      const corners = shape.points.map(place).map(({ x, y }) => at(x, y));
      return corners.length > 0 ? `M${corners.join('L')}${shape.closed ? 'Z' : ''}` : '';
    }
  }
}

function at(x: number, y: number): string {
  return `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;
}
