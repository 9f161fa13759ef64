import { paintRegion } from '../../src-core/labels/paint.ts';
import { polygonRegion } from '../../src-core/labels/polygon.ts';
import type { ImagePoint } from '../../src-core/labels/region.ts';
import { labelFor, refusalOf, rulesOf, toneFor, type CursorShape, type Tool } from './tool.ts';

export type LassoState =
  | { readonly state: 'idle' }
  | { readonly state: 'drawing'; readonly label: number; readonly points: readonly ImagePoint[] };

const IDLE: LassoState = { state: 'idle' };

/** Drawn in one go around a region that gets the active class, or background where it was begun with Control. */
export const lasso: Tool<LassoState> = {
  idle: IDLE,
  on(state, event, context) {
    if (state.state === 'idle') {
      if (event.kind !== 'pointerDown') return { state };
      const label = labelFor(event, context);
      const refused = refusalOf(label, context);
      return refused ? { state, refused } : { state: { state: 'drawing', label, points: [event.point] } };
    }
    switch (event.kind) {
      case 'pointerMove':
        return { state: { ...state, points: [...state.points, event.point] } };
      case 'pointerUp':
      case 'finish': {
        const region = polygonRegion(context.labels, state.points);
        const edit = paintRegion(context.labels, region, state.label, rulesOf(context));
        return { state: IDLE, draft: edit, edit };
      }
      case 'cancel':
        return { state: IDLE };
      case 'pointerDown':
      case 'back':
        return { state };
    }
  },
  cursor(state, at, context) {
    const shapes: CursorShape[] = at ? [{ kind: 'crosshair', centre: at.point, tone: toneFor(at) }] : [];
    if (state.state === 'idle') return shapes;
    const tone = state.label === context.label ? 'class' : 'erase';
    return [...shapes, { kind: 'polyline', points: state.points, closed: true, tone }];
  },
};
