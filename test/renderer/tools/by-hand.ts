// Drives a tool as a hand on a canvas would, and keeps the document as the canvas does.
import type { LabelPlane } from '../../../src-core/imaging/plane.ts';
import { applyPatch, invertPatch, type LabelPatch } from '../../../src-core/labels/patch.ts';
import { rowsOf } from '../../support/label-rows.ts';
import {
  type CursorShape,
  type PointerAt,
  type Refusal,
  type RunningTool,
  type ToolAnswer,
  type ToolContext,
  type ToolEvent,
} from '../../../src-renderer/tools/tool.ts';

/** An empty document with one tool over it. */
export class Hand {
  readonly labels: LabelPlane;
  /** Steps of undo, in order. */
  readonly edits: LabelPatch[] = [];
  readonly refusals: Refusal[] = [];
  private readonly tool: RunningTool;
  private context: ToolContext;

  constructor(tool: RunningTool, size: { width: number; height: number }, context: Partial<ToolContext> = {}) {
    this.tool = tool;
    this.labels = context.labels ?? { ...size, data: new Uint8Array(size.width * size.height) };
    this.context = {
      labels: this.labels,
      values: new Float32Array(size.width * size.height),
      label: 1,
      locked: new Set(),
      pixelsPerScreenPixel: 0.1,
      ...context,
      settings: { brushRadius: 1, wandTolerance: 0.1, wandMostPixels: Infinity, ...context.settings },
    };
  }

  get busy(): boolean {
    return this.tool.busy;
  }

  set(context: Partial<ToolContext>): void {
    this.context = { ...this.context, ...context };
  }

  down(x: number, y: number, held: Partial<PointerAt> = {}): this {
    return this.event({ kind: 'pointerDown', point: { x, y }, ...held });
  }

  move(x: number, y: number, held: Partial<PointerAt> = {}): this {
    return this.event({ kind: 'pointerMove', point: { x, y }, ...held });
  }

  up(x: number, y: number, held: Partial<PointerAt> = {}): this {
    return this.event({ kind: 'pointerUp', point: { x, y }, ...held });
  }

  click(x: number, y: number, held: Partial<PointerAt> = {}): this {
    return this.down(x, y, held).up(x, y, held);
  }

  finish(): this {
    return this.event({ kind: 'finish' });
  }

  back(): this {
    return this.event({ kind: 'back' });
  }

  cancel(): this {
    return this.event({ kind: 'cancel' });
  }

  undo(): this {
    applyPatch(this.labels, invertPatch(this.edits.pop()!));
    return this;
  }

  cursor(x: number, y: number, held: Partial<PointerAt> = {}): readonly CursorShape[] {
    return this.tool.cursor({ point: { x, y }, ...held }, this.context);
  }

  /** The rows of the document as digits. */
  rows(): string[] {
    return rowsOf(this.labels);
  }

  private event(event: ToolEvent): this {
    this.take(this.tool.on(event, this.context));
    this.take(this.tool.settle(this.context));
    return this;
  }

  private take({ draft, edit, refused }: Omit<ToolAnswer<unknown>, 'state'>): void {
    if (draft) applyPatch(this.labels, draft);
    if (edit) this.edits.push(edit);
    if (refused) this.refusals.push(refused);
  }
}
