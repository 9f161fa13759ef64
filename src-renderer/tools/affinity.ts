import type { LabelPlane } from '../../src-core/imaging/plane.ts';
import { pressedRadius, strokeRegion, type Dab } from '../../src-core/labels/brush.ts';
import { invertPatch, patchBetween, replacePatch, type LabelPatch } from '../../src-core/labels/patch.ts';
import type { MapSize } from '../../src-core/labels/region.ts';
import { grownLabels, SEED, type GrowModel } from '../../src-core/review/affinity-grow.ts';
import {
  refusalOf,
  snapshot,
  toneFor,
  type CursorShape,
  type PointerAt,
  type Tool,
  type ToolAnswer,
  type ToolContext,
} from './tool.ts';

/** What a hand has said of the pixels under one stroke. */
interface Stroke {
  readonly seed: typeof SEED.is | typeof SEED.isNot;
  readonly dabs: readonly Dab[];
}

interface Growing {
  readonly state: 'growing';
  /** The labels that all strokes are drawn on. */
  readonly base: LabelPlane;
  readonly model: GrowModel;
  readonly strokes: readonly Stroke[];
  /** Whether the last stroke still goes on. */
  readonly down: boolean;
  /** Whether strokes have changed since they were last spread. */
  readonly stale: boolean;
  /** What the working labels show of it. */
  readonly done: LabelPatch | undefined;
}

export type AffinityState = { readonly state: 'idle' } | Growing;

const IDLE: AffinityState = { state: 'idle' };

/**
 * Strokes of "is" the active class and, begun with Control, of "is not", spread over the image by what the run in use knows of it. All
 * strokes up to `finish` are one gesture; `back` takes the last one away.
 */
export const affinity: Tool<AffinityState> = {
  idle: IDLE,
  keepsOnLeave: true,
  on(state, event, context) {
    if (state.state === 'idle') return event.kind === 'pointerDown' ? begin(event, context) : { state };
    switch (event.kind) {
      case 'pointerDown':
        return { state: { ...state, strokes: [...state.strokes, strokeAt(event, context)], down: true, stale: true } };
      case 'pointerMove':
        return { state: state.down ? extended(state, dabAt(event, context)) : state };
      case 'pointerUp':
        return { state: { ...state, down: false } };
      case 'back': {
        const strokes = state.strokes.slice(0, -1);
        const next = spread({ ...state, strokes, down: false, stale: true }, context);
        return strokes.length > 0 ? next : { ...next, state: IDLE };
      }
      case 'finish': {
        const { state: last, draft } = spread(state, context);
        return { state: IDLE, draft, edit: last.done };
      }
      case 'cancel':
        return { state: IDLE, draft: state.done && invertPatch(state.done) };
    }
  },
  settle: (state, context) => (state.state === 'growing' ? spread(state, context) : { state }),
  cursor(state, at, { settings }) {
    const strokes = state.state === 'growing' ? state.strokes.map(lineOf) : [];
    if (!at) return strokes;
    return [...strokes, { kind: 'circle', centre: at.point, radius: settings.brushRadius, tone: toneFor(at) }];
  },
};

function begin(at: PointerAt, context: ToolContext): ToolAnswer<AffinityState> {
  const refused = refusalOf(context.label, context);
  if (refused) return { state: IDLE, refused };
  const { growth: model } = context;
  if (!model) return { state: IDLE, refused: { kind: 'notReady' } };
  const strokes = [strokeAt(at, context)];
  return {
    state: {
      ...{ state: 'growing', base: snapshot(context), model, strokes },
      down: true,
      stale: true,
      done: undefined,
    },
  };
}

/** Spreads all strokes anew, from the labels that they were drawn on. */
function spread(
  state: Growing,
  { label, locked }: ToolContext,
): ToolAnswer<AffinityState> & { readonly state: Growing } {
  if (!state.stale) return { state };
  const { base, model } = state;
  const data = grownLabels(model, base, label, seedsOf(state.strokes, base), locked);
  const done = patchBetween(base, { ...base, data });
  return { state: { ...state, done, stale: false }, draft: replacePatch(state.done, done) };
}

function seedsOf(strokes: readonly Stroke[], size: MapSize): Uint8Array {
  const seeds = new Uint8Array(size.width * size.height);
  for (const { seed, dabs } of strokes) {
    dabs.forEach((dab, i) => {
      const { window, inside } = strokeRegion(size, dabs[i - 1] ?? dab, dab);
      for (let k = 0; k < inside.length; k++) {
        if (!inside[k]) continue;
        const row = window.y + Math.floor(k / window.width);
        seeds[row * size.width + window.x + (k % window.width)] = seed;
      }
    });
  }
  return seeds;
}

function strokeAt(at: PointerAt, context: ToolContext): Stroke {
  return { seed: at.control ? SEED.isNot : SEED.is, dabs: [dabAt(at, context)] };
}

function extended(state: Growing, dab: Dab): Growing {
  const { seed, dabs } = state.strokes.at(-1)!;
  return { ...state, strokes: [...state.strokes.slice(0, -1), { seed, dabs: [...dabs, dab] }], stale: true };
}

function dabAt({ point, pressure }: PointerAt, { settings }: ToolContext): Dab {
  return { ...point, radius: pressedRadius(settings.brushRadius, pressure) };
}

function lineOf({ seed, dabs }: Stroke): CursorShape {
  // A dot is drawn, too: a line of no length has round ends.
  const points = dabs.length > 1 ? dabs : [dabs[0]!, dabs[0]!];
  return { kind: 'polyline', points, closed: false, tone: seed === SEED.is ? 'class' : 'erase' };
}
