import type { LabelPlane } from '../../src-core/imaging/plane.ts';
import { paintLabels } from '../../src-core/labels/paint.ts';
import { invertPatch, replacePatch, type LabelPatch } from '../../src-core/labels/patch.ts';
import type { ImagePoint } from '../../src-core/labels/region.ts';
import { movedClass } from '../../src-core/labels/reshape-class.ts';
import { refusalOf, rulesOf, snapshot, type Tool, type ToolContext } from './tool.ts';

export type MoveState =
  | { readonly state: 'idle' }
  | {
      readonly state: 'dragging';
      readonly base: LabelPlane;
      readonly from: ImagePoint;
      readonly done: LabelPatch | undefined;
    };

const IDLE: MoveState = { state: 'idle' };

/** Drags the active class by whole pixels; with Shift along a row or a column. */
export const move: Tool<MoveState> = {
  idle: IDLE,
  on(state, event, context) {
    if (state.state === 'idle') {
      if (event.kind !== 'pointerDown') return { state };
      const refused = refusalOf(context.label, context);
      if (refused) return { state, refused };
      return { state: { state: 'dragging', base: snapshot(context), from: event.point, done: undefined } };
    }
    switch (event.kind) {
      case 'pointerMove': {
        let [columns, rows] = [Math.round(event.point.x - state.from.x), Math.round(event.point.y - state.from.y)];
        if (event.shift && Math.abs(columns) >= Math.abs(rows)) rows = 0;
        else if (event.shift) columns = 0;
        const done = movedBy(state.base, columns, rows, context);
        return { state: { ...state, done }, draft: replacePatch(state.done, done) };
      }
      case 'pointerUp':
      case 'finish':
        return { state: IDLE, edit: state.done };
      case 'cancel':
        return { state: IDLE, draft: state.done && invertPatch(state.done) };
      case 'pointerDown':
      case 'back':
        return { state };
    }
  },
  cursor(state, at) {
    if (!at) return [];
    if (state.state === 'idle') return [{ kind: 'crosshair', centre: at.point, tone: 'class' }];
    return [{ kind: 'polyline', points: [state.from, at.point], closed: false, tone: 'class' }];
  },
};

function movedBy(base: LabelPlane, columns: number, rows: number, context: ToolContext): LabelPatch | undefined {
  return paintLabels(base, movedClass(base, context.label, columns, rows), rulesOf(context));
}
