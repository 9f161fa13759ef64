import type { LabelPlane } from '../../src-core/imaging/plane.ts';
import { paintRegion } from '../../src-core/labels/paint.ts';
import { invertPatch, replacePatch, type LabelPatch } from '../../src-core/labels/patch.ts';
import { pixelUnder, type ImagePoint } from '../../src-core/labels/region.ts';
import { wandRegion, type Pixel } from '../../src-core/labels/region-growing.ts';
import {
  labelFor,
  refusalOf,
  rulesOf,
  snapshot,
  toneFor,
  type CursorShape,
  type PointerAt,
  type Tool,
  type ToolAnswer,
  type ToolContext,
} from './tool.ts';

export type WandState =
  | { readonly state: 'idle' }
  | {
      readonly state: 'reaching';
      readonly label: number;
      readonly base: LabelPlane;
      readonly seed: Pixel;
      readonly from: ImagePoint;
      readonly done: LabelPatch | undefined;
    };

const IDLE: WandState = { state: 'idle' };
/** Dragging this far to the right doubles the tolerance; to the left halves it. */
const DOUBLING_SCREEN_PX = 80;

/** Gives what hangs together under the pointer and has values like it the active class; dragging sideways changes how like it must be. */
export const wand: Tool<WandState> = {
  idle: IDLE,
  on(state, event, context) {
    if (state.state === 'idle') return event.kind === 'pointerDown' ? begin(event, context) : { state };
    switch (event.kind) {
      case 'pointerMove':
        return reach(state, event.point, context);
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
    const shapes: CursorShape[] = at ? [{ kind: 'crosshair', centre: at.point, tone: toneFor(at) }] : [];
    if (state.state === 'idle' || !at) return shapes;
    return [...shapes, { kind: 'polyline', points: [state.from, at.point], closed: false, tone: 'plain' }];
  },
};

function begin(at: PointerAt, context: ToolContext): ToolAnswer<WandState> {
  const label = labelFor(at, context);
  const refused = refusalOf(label, context);
  if (refused) return { state: IDLE, refused };
  const seed = pixelUnder(context.labels, at.point);
  if (!seed) return { state: IDLE };
  const base = snapshot(context);
  return reach({ state: 'reaching', label, base, seed, from: at.point, done: undefined }, at.point, context);
}

function reach(
  state: WandState & { state: 'reaching' },
  point: ImagePoint,
  context: ToolContext,
): ToolAnswer<WandState> {
  const { wandTolerance, wandMostPixels } = context.settings;
  const dragged = (point.x - state.from.x) / context.pixelsPerScreenPixel;
  const tolerance = wandTolerance * 2 ** (dragged / DOUBLING_SCREEN_PX);
  const region = wandRegion(state.base, context.values, state.seed, { tolerance, mostPixels: wandMostPixels });
  const done = paintRegion(state.base, region, state.label, rulesOf(context));
  return { state: { ...state, done }, draft: replacePatch(state.done, done) };
}
