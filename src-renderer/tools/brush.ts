import { BACKGROUND } from '../../src-core/imaging/plane.ts';
import { pressedRadius, strokeRegion, type Dab } from '../../src-core/labels/brush.ts';
import { paintRegion, type PaintRules } from '../../src-core/labels/paint.ts';
import { composeAll, invertPatch, type LabelPatch } from '../../src-core/labels/patch.ts';
import { pixelUnder } from '../../src-core/labels/region.ts';
import { refusalOf, rulesOf, type PointerAt, type Tool, type ToolAnswer, type ToolContext } from './tool.ts';

export type BrushState =
  | { readonly state: 'idle' }
  | {
      readonly state: 'painting';
      readonly label: number;
      readonly rules: PaintRules;
      readonly last: Dab;
      /** What the stroke has changed so far, event by event. */
      readonly parts: readonly LabelPatch[];
    };

const IDLE: BrushState = { state: 'idle' };

/**
 * `paint` gives the active class, `erase` the background, each the other with Control held; with Shift the eraser takes the active
 * class only. `range` paints where the image values lie in a range.
 */
export type BrushKind = 'paint' | 'erase' | 'range';

/** Brush, eraser and range brush: one stroke is one gesture. */
export function brush(kind: BrushKind): Tool<BrushState> {
  return {
    idle: IDLE,
    on(state, event, context) {
      if (state.state === 'idle') {
        return event.kind === 'pointerDown' ? begin(kind, event, context) : { state };
      }
      switch (event.kind) {
        case 'pointerMove':
          return extend(state, event, context);
        case 'pointerUp':
        case 'finish': {
          return { state: IDLE, edit: composeAll(state.parts) };
        }
        case 'cancel': {
          const stroke = composeAll(state.parts);
          return { state: IDLE, draft: stroke && invertPatch(stroke) };
        }
        case 'pointerDown':
        case 'back':
          return { state };
      }
    },
    cursor(state, at, { settings }) {
      if (!at) return [];
      const radius = state.state === 'painting' ? state.last.radius : settings.brushRadius;
      return [{ kind: 'circle', centre: at.point, radius, tone: erases(kind, at) ? 'erase' : 'class' }];
    },
  };
}

function begin(kind: BrushKind, at: PointerAt, context: ToolContext): ToolAnswer<BrushState> {
  const erasing = erases(kind, at);
  const label = erasing ? BACKGROUND : context.label;
  const refused = refusalOf(erasing && at.shift ? context.label : label, context);
  if (refused) return { state: IDLE, refused };
  const rules = rulesOf(context, {
    only: erasing && at.shift ? context.label : undefined,
    range: kind === 'range' ? rangeAt(at, context) : undefined,
  });
  const dab = dabAt(at, context);
  return extend({ state: 'painting', label, rules, last: dab, parts: [] }, at, context);
}

function extend(
  stroke: BrushState & { state: 'painting' },
  at: PointerAt,
  context: ToolContext,
): ToolAnswer<BrushState> {
  const dab = dabAt(at, context);
  const region = strokeRegion(context.labels, stroke.last, dab);
  const draft = paintRegion(context.labels, region, stroke.label, stroke.rules);
  return { state: { ...stroke, last: dab, parts: draft ? [...stroke.parts, draft] : stroke.parts }, draft };
}

function dabAt({ point, pressure }: PointerAt, { settings }: ToolContext): Dab {
  return { ...point, radius: pressedRadius(settings.brushRadius, pressure) };
}

function erases(kind: BrushKind, { control }: PointerAt): boolean {
  return (kind === 'erase') !== (control === true);
}

function rangeAt({ point }: PointerAt, { labels, values, settings }: ToolContext): PaintRules['range'] {
  if (settings.range) return { values, ...settings.range };
  const pixel = pixelUnder(labels, point);
  // A stroke that begins beside the image has no value to keep to: it paints nothing.
  const value = pixel ? values[pixel.y * labels.width + pixel.x]! : NaN;
  return { values, from: value - settings.wandTolerance, to: value + settings.wandTolerance };
}
