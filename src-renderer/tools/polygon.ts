import { paintRegion } from '../../src-core/labels/paint.ts';
import { polygonRegion } from '../../src-core/labels/polygon.ts';
import type { ImagePoint } from '../../src-core/labels/region.ts';
import {
  labelFor,
  refusalOf,
  rulesOf,
  toneFor,
  type CursorShape,
  type Tool,
  type ToolAnswer,
  type ToolContext,
} from './tool.ts';

export type PolygonState =
  | { readonly state: 'idle' }
  | { readonly state: 'drawing'; readonly label: number; readonly points: readonly ImagePoint[] };

const IDLE: PolygonState = { state: 'idle' };
/** A press this near to the first corner closes the polygon. */
const CLOSING_SCREEN_PX = 8;
/** Presses nearer than this to one another are one, made by a hand that was not quite still. */
const SAME_SCREEN_PX = 3;

/**
 * Corner by corner; closed by a press on the first corner or by `finish`, and filled with the active class, or with background where it
 * was begun with Control. `back` takes the last corner away.
 */
export const polygon: Tool<PolygonState> = {
  idle: IDLE,
  on(state, event, context) {
    if (state.state === 'idle') {
      if (event.kind !== 'pointerDown') return { state };
      const label = labelFor(event, context);
      const refused = refusalOf(label, context);
      if (refused) return { state, refused };
      return { state: { state: 'drawing', label, points: [event.point] } };
    }
    switch (event.kind) {
      case 'pointerDown': {
        if (closes(state.points, event.point, context)) return fill(state, context);
        // The second press of a double click stands on the first one.
        if (nearby(state.points.at(-1)!, event.point, SAME_SCREEN_PX * context.pixelsPerScreenPixel)) return { state };
        return { state: { ...state, points: [...state.points, event.point] } };
      }
      case 'finish':
        return fill(state, context);
      case 'back': {
        const points = state.points.slice(0, -1);
        return { state: points.length > 0 ? { ...state, points } : IDLE };
      }
      case 'cancel':
        return { state: IDLE };
      case 'pointerMove':
      case 'pointerUp':
        return { state };
    }
  },
  cursor(state, at, context) {
    const shapes: CursorShape[] = at ? [{ kind: 'crosshair', centre: at.point, tone: toneFor(at) }] : [];
    if (state.state === 'idle') return shapes;
    const tone = state.label === context.label ? 'class' : 'erase';
    const closed = at !== undefined && closes(state.points, at.point, context);
    const points = at && !closed ? [...state.points, at.point] : state.points;
    const radius = CLOSING_SCREEN_PX * context.pixelsPerScreenPixel;
    return [
      ...shapes,
      { kind: 'polyline', points, closed, tone },
      { kind: 'circle', centre: state.points[0]!, radius, tone: closed ? tone : 'plain' },
    ];
  },
};

function fill(state: PolygonState & { state: 'drawing' }, context: ToolContext): ToolAnswer<PolygonState> {
  const region = polygonRegion(context.labels, state.points);
  const edit = paintRegion(context.labels, region, state.label, rulesOf(context));
  return { state: IDLE, draft: edit, edit };
}

function closes(points: readonly ImagePoint[], point: ImagePoint, { pixelsPerScreenPixel }: ToolContext): boolean {
  return points.length > 2 && nearby(points[0]!, point, CLOSING_SCREEN_PX * pixelsPerScreenPixel);
}

function nearby(a: ImagePoint, b: ImagePoint, distance: number): boolean {
  return Math.hypot(a.x - b.x, a.y - b.y) <= distance;
}
