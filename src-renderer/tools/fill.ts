import { paintRegion } from '../../src-core/labels/paint.ts';
import { pixelUnder } from '../../src-core/labels/region.ts';
import { floodRegion } from '../../src-core/labels/region-growing.ts';
import { labelFor, refusalOf, rulesOf, toneFor, type Tool } from './tool.ts';

export interface FillState {
  readonly state: 'idle';
}

const IDLE: FillState = { state: 'idle' };

/** Gives what hangs together under the pointer, all of one label, the active class; with Control background. */
export const fill: Tool<FillState> = {
  idle: IDLE,
  on(state, event, context) {
    if (event.kind !== 'pointerDown') return { state };
    const label = labelFor(event, context);
    const refused = refusalOf(label, context);
    if (refused) return { state, refused };
    const seed = pixelUnder(context.labels, event.point);
    if (!seed) return { state };
    const edit = paintRegion(context.labels, floodRegion(context.labels, seed), label, rulesOf(context));
    return { state, draft: edit, edit };
  },
  cursor: (_state, at) => (at ? [{ kind: 'crosshair', centre: at.point, tone: toneFor(at) }] : []),
};
