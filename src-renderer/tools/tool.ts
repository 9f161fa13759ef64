// What a tool of the review canvas is: a state machine from events to changes of the label map.
//
// The canvas holds the working labels: the stored mask and, on it, what the gesture in hand has drawn so far. After each event it applies
// the answer's `draft` to them and stores the answer's `edit` as one step of undo; drafts of that gesture are contained in it.
import type { LabelPlane } from '../../src-core/imaging/plane.ts';
import { BACKGROUND } from '../../src-core/imaging/plane.ts';
import type { PaintRules } from '../../src-core/labels/paint.ts';
import type { LabelPatch } from '../../src-core/labels/patch.ts';
import type { ImagePoint } from '../../src-core/labels/region.ts';
import type { GrowModel } from '../../src-core/review/affinity-grow.ts';

/** How the tools are set. */
export interface ToolSettings {
  /** Of brush, eraser and the strokes of affinity grow, in image pixels. */
  readonly brushRadius: number;
  /** How far the wand strays from the value under it, in the image's own values. */
  readonly wandTolerance: number;
  /** Pixels that the wand takes at most. */
  readonly wandMostPixels: number;
  /** Values that the range brush paints over; around the value under it when left out, as far as the wand strays. */
  readonly range?: { readonly from: number; readonly to: number } | undefined;
}

/** What a tool may look at. */
export interface ToolContext {
  /** The working labels. Only the canvas changes them; nobody else does while a gesture lasts. */
  readonly labels: LabelPlane;
  /** The image at full depth, one value a pixel, rows first. */
  readonly values: ArrayLike<number>;
  /** What the run in use knows of the image; undefined until it is read. */
  readonly growth?: GrowModel | undefined;
  /** Label id of the active class. */
  readonly label: number;
  /** Label ids that neither lose nor gain a pixel. */
  readonly locked: ReadonlySet<number>;
  /** Image pixels that one pixel of the screen shows: what is near for a hand depends on the zoom. */
  readonly pixelsPerScreenPixel: number;
  readonly settings: ToolSettings;
}

/** Where the pointer is and what is held down with it. */
export interface PointerAt {
  readonly point: ImagePoint;
  /** 0..1; left out by devices that feel none. */
  readonly pressure?: number | undefined;
  readonly shift?: boolean;
  /** Control or Alt, or the second button where it belongs to the tool: the opposite of what is usual. */
  readonly control?: boolean;
}

/**
 * `finish`: Enter or a double click. `back`: Backspace. `cancel`: Escape, or anything that must not meet a gesture half done (another
 * tool, another item, a lost pointer).
 */
export type ToolEvent =
  | ({ readonly kind: 'pointerDown' | 'pointerMove' | 'pointerUp' } & PointerAt)
  | { readonly kind: 'finish' | 'back' | 'cancel' };

/** Why a gesture did nothing, for the person to be told. */
export type Refusal = { readonly kind: 'locked'; readonly label: number } | { readonly kind: 'notReady' };

export interface ToolAnswer<State> {
  readonly state: State;
  /** Change of the working labels, to be applied before the next event. */
  readonly draft?: LabelPatch | undefined;
  /** The whole gesture, once it is done; the working labels, with this answer's draft, show it already. */
  readonly edit?: LabelPatch | undefined;
  readonly refused?: Refusal;
}

/** What the canvas draws for a tool, in image points. */
export type CursorShape =
  | { readonly kind: 'circle'; readonly centre: ImagePoint; readonly radius: number; readonly tone: CursorTone }
  | { readonly kind: 'crosshair'; readonly centre: ImagePoint; readonly tone: CursorTone }
  | {
      readonly kind: 'polyline';
      readonly points: readonly ImagePoint[];
      readonly closed: boolean;
      readonly tone: CursorTone;
      /** In image pixels; a hair line when left out. */
      readonly lineWidth?: number;
    };

/** `class`: in the colour of the active class; `erase`: what goes away, or "is not". */
export type CursorTone = 'class' | 'erase' | 'plain';

export interface Tool<State> {
  readonly idle: State;
  /** Whether a gesture in hand is finished, not cancelled, where a person goes on to something else. */
  readonly keepsOnLeave?: boolean;
  on(state: State, event: ToolEvent, context: ToolContext): ToolAnswer<State>;
  /** Does what takes time, once for all events since the last picture. */
  settle?(state: State, context: ToolContext): ToolAnswer<State>;
  /** @param at - undefined while the pointer is away */
  cursor(state: State, at: PointerAt | undefined, context: ToolContext): readonly CursorShape[];
}

/** A tool together with the state it is in. */
export interface RunningTool {
  /** Whether a gesture is under way. */
  readonly busy: boolean;
  readonly keepsOnLeave: boolean;
  on(event: ToolEvent, context: ToolContext): Omit<ToolAnswer<unknown>, 'state'>;
  settle(context: ToolContext): Omit<ToolAnswer<unknown>, 'state'>;
  cursor(at: PointerAt | undefined, context: ToolContext): readonly CursorShape[];
}

/** Sets a tool going from its idle state. */
export function runTool<State>(tool: Tool<State>): RunningTool {
  let state = tool.idle;
  const take = ({ state: next, ...answer }: ToolAnswer<State>): Omit<ToolAnswer<State>, 'state'> => {
    state = next;
    return answer;
  };
  return {
    get busy() {
      return state !== tool.idle;
    },
    keepsOnLeave: tool.keepsOnLeave ?? false,
    on: (event, context) => take(tool.on(state, event, context)),
    settle: (context) => (tool.settle ? take(tool.settle(state, context)) : {}),
    cursor: (at, context) => tool.cursor(state, at, context),
  };
}

/** A copy of the working labels as they are now, for gestures that begin anew from them with every event. */
export function snapshot({ labels }: ToolContext): LabelPlane {
  return { ...labels, data: labels.data.slice() };
}

/** What a gesture paints: the active class, or background while Control is held. */
export function labelFor({ control }: PointerAt, { label }: ToolContext): number {
  return control ? BACKGROUND : label;
}

/** The tone of a cursor that paints the active class, or erases while Control is held. */
export function toneFor({ control }: PointerAt): CursorTone {
  return control ? 'erase' : 'class';
}

/** The rules of a context, with others beside its locks. */
export function rulesOf({ locked }: ToolContext, others: Omit<PaintRules, 'locked'> = {}): PaintRules {
  return { ...others, locked };
}

/** Whether drawing a label would be in vain, since it is locked. */
export function refusalOf(label: number, { locked }: ToolContext): Refusal | undefined {
  return label !== BACKGROUND && locked.has(label) ? { kind: 'locked', label } : undefined;
}
