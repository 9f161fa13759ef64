// The tool in hand: which, how it is set, and what its gestures do to the open item.
import type { LabelPatch } from '../../src-core/labels/patch.ts';
import type { ImagePoint } from '../../src-core/labels/region.ts';
import type {
  CursorShape,
  PointerAt,
  Refusal,
  RunningTool,
  ToolAnswer,
  ToolContext,
  ToolEvent,
} from '../tools/tool.ts';
import type { Api } from '../platform/api.ts';
import { startTool, type ToolName } from '../tools/toolbox.ts';
import { Growth } from './review-growth.svelte.ts';
import type { OpenItem } from './review-item.svelte.ts';

const SMALLEST_RADIUS = 0.5;
const LARGEST_RADIUS = 200;
/** One step of the brush size. */
const SIZE_STEP = 1.25;
const WAND_MOST_PIXELS = 2 ** 22;
/** How far the wand strays at first, as a share of the intensities. */
const WAND_SHARE = 0.08;

/** What tools need of the screen. */
interface Surroundings {
  readonly api: Api;
  readonly item: () => OpenItem | undefined;
  /** CSS pixels a column. */
  readonly zoom: () => number;
  readonly onedit: (item: OpenItem, action: ToolName, patch: LabelPatch) => void;
  readonly onrefused: (refusal: Refusal) => void;
  /** Whether anything may be drawn; tells the person where not. */
  readonly mayDraw: () => boolean;
}

export class ReviewTools {
  name = $state<ToolName>('look');
  radius = $state(4);
  /** Of the wand, in the image's own values; null: a share of its intensities. */
  tolerance = $state<number | null>(null);
  /** Label id of the active class. */
  label = $state(1);
  locked = $state.raw<ReadonlySet<number>>(new Set());
  cursor = $state.raw<readonly CursorShape[]>([]);
  /** Whether a gesture is under way. */
  busy = $state(false);
  hover = $state.raw<PointerAt | null>(null);
  /** Whether the arrow keys move the pointer: whatever a hand does with a mouse, keys can do too. */
  byKeys = $state(false);
  private pressed = false;
  /** Calls on their way that change the mask by themselves, and what waits for them. */
  private holds = 0;
  private readonly waiting: (() => void)[] = [];
  private lastHeld: Promise<unknown> = Promise.resolve();
  private running: RunningTool | undefined;
  private frame = 0;
  readonly growth: Growth;
  private previous: ToolName = 'brush';
  private readonly around: Surroundings;

  constructor(around: Surroundings) {
    this.around = around;
    this.growth = new Growth(around.api);
  }

  choose(name: ToolName): void {
    this.leave();
    if (name === this.name || (name !== 'look' && !this.around.mayDraw())) return;
    this.previous = this.name;
    this.name = name;
    this.running = startTool(name);
    this.redraw();
  }

  /** Back to the tool before this one. */
  swap(): void {
    this.choose(this.previous);
  }

  /** The tool that last changed labels, for "fix this". */
  takeUp(): void {
    if (this.name === 'look') this.choose(this.previous === 'look' ? 'brush' : this.previous);
  }

  resize(steps: number): void {
    this.setRadius(Number((this.radius * SIZE_STEP ** steps).toPrecision(3)));
  }

  setRadius(radius: number): void {
    this.radius = Math.min(LARGEST_RADIUS, Math.max(SMALLEST_RADIUS, radius));
    this.redraw();
  }

  chooseLabel(label: number): void {
    this.leave();
    this.label = label;
    this.redraw();
  }

  toggleLock(label: number): void {
    this.leave();
    const locked = new Set(this.locked);
    if (!locked.delete(label)) locked.add(label);
    this.locked = locked;
  }

  /** Makes a call that changes the mask by itself, such as an undo; what a hand does meanwhile comes after it. */
  async hold(call: () => Promise<void>): Promise<void> {
    this.holds++;
    const held = call().finally(() => {
      this.holds--;
      if (this.holds === 0) for (const act of this.waiting.splice(0)) act();
    });
    this.lastHeld = held.catch(() => undefined);
    await held;
  }

  /** Resolves when the calls that change the mask by themselves are answered: until then the mask is not what it will be. */
  get settled(): Promise<unknown> {
    return this.lastHeld;
  }

  /** Does something to the mask as it will be once such calls are answered: at once where there are none. */
  inTurn(act: () => void): void {
    if (this.holds > 0) this.waiting.push(act);
    else act();
  }

  /** Lets the tool hear what the hand does. */
  hear(events: readonly ToolEvent[]): void {
    this.inTurn(() => this.hearNow(events));
  }

  private hearNow(events: readonly ToolEvent[]): void {
    for (const event of events) {
      const item = this.around.item();
      if (!item || !this.running) return;
      this.take(item, this.running.on(event, this.context(item)));
    }
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.settle());
    this.redraw();
  }

  point(at: PointerAt | null): void {
    this.hover = at;
    this.redraw();
  }

  /** Takes the pointer into the keys, or gives it back to the hand. */
  toggleKeys(start: ImagePoint): void {
    this.cancel();
    this.byKeys = !this.byKeys;
    this.point(this.byKeys ? (this.hover ?? { point: start }) : null);
  }

  /** Moves the pointer by pixels of the image. */
  movePointer(columns: number, rows: number): void {
    const { hover } = this;
    if (!hover) return;
    const at = { point: { x: hover.point.x + columns, y: hover.point.y + rows } };
    this.point(at);
    this.hear([{ kind: 'pointerMove', ...at }]);
  }

  /** Puts the tool down where the pointer is, or lifts it; `control` puts it down for the opposite. */
  press(control = false): void {
    if (!this.hover) return;
    this.pressed = !this.pressed;
    this.hear([{ kind: this.pressed ? 'pointerDown' : 'pointerUp', point: this.hover.point, control }]);
  }

  /** Ends the gesture in hand where a person goes on to something else: one whose result is seen already is kept. */
  leave(): void {
    if (!this.running?.keepsOnLeave) return this.cancel();
    this.pressed = false;
    if (this.busy) this.hearNow([{ kind: 'finish' }]);
  }

  /** Gives up the gesture in hand, before anything that must not meet it half done. */
  cancel(): void {
    this.pressed = false;
    this.waiting.length = 0;
    if (this.busy) this.hearNow([{ kind: 'cancel' }]);
  }

  private settle(): void {
    this.frame = 0;
    const item = this.around.item();
    if (item && this.running) this.take(item, this.running.settle(this.context(item)));
  }

  private take(item: OpenItem, { draft, edit, refused }: Omit<ToolAnswer<unknown>, 'state'>): void {
    if (draft) item.apply(draft);
    if (edit) this.around.onedit(item, this.name, edit);
    item.holds(this.running?.busy ?? false);
    if (refused) this.around.onrefused(refused);
  }

  private redraw(): void {
    const item = this.around.item();
    this.busy = this.running?.busy ?? false;
    const shapes = item && this.running ? this.running.cursor(this.hover ?? undefined, this.context(item)) : [];
    // Without a tool the keys still have to show where they are.
    const isBare = this.byKeys && this.hover && !shapes.some(({ kind }) => kind !== 'polyline');
    this.cursor = isBare ? [...shapes, { kind: 'crosshair', centre: this.hover!.point, tone: 'plain' }] : shapes;
  }

  private context(item: OpenItem): ToolContext {
    const { low, high } = item.statistics;
    return {
      labels: item.labels.plane,
      values: item.intensities,
      growth: this.name === 'affinity' ? this.growth.of(item) : undefined,
      label: this.label,
      locked: this.locked,
      settings: {
        brushRadius: this.radius,
        wandTolerance: this.tolerance ?? (high - low) * WAND_SHARE,
        wandMostPixels: WAND_MOST_PIXELS,
      },
      pixelsPerScreenPixel: 1 / this.around.zoom(),
    };
  }
}
