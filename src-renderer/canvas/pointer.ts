// What a hand does on the canvas: which drags move the image or its window, and which go on to the tool.
import type { PointerAt, ToolEvent } from '../tools/tool.ts';
import type { Point } from './viewport.ts';

/** Who a drag belongs to. */
export type DragOwner = 'tool' | 'pan' | 'window';

/** Keys that turn a drag of the first button into something else. */
export interface HeldKeys {
  readonly pan: boolean;
  readonly window: boolean;
}

const MIDDLE = 1;
const RIGHT = 2;
/** Bit of `PointerEvent.buttons`. */
const RIGHT_HELD = 2;

/** @param second - who the second button belongs to */
export function dragOwner(button: number, held: HeldKeys, second: DragOwner = 'window'): DragOwner {
  // Without a tool every drag moves the image, but for one with the key of the window.
  if (button === 0 && held.window) return 'window';
  if (button === MIDDLE || (button === 0 && held.pan)) return 'pan';
  if (button === RIGHT) return second;
  return 'tool';
}

/** Where a pointer is, in the words of tools. */
export function pointerAt(event: PointerEvent, place: (point: Point) => Point): PointerAt {
  const { shiftKey: shift, ctrlKey, metaKey, altKey, buttons, pointerType, pressure } = event;
  const point = place({ x: event.offsetX, y: event.offsetY });
  // Others report a constant.
  const felt = pointerType === 'pen' ? pressure : undefined;
  const control = ctrlKey || metaKey || altKey || (buttons & RIGHT_HELD) !== 0;
  return { point, pressure: felt, shift, control };
}

/** Every place that a pointer went through since the last event, oldest first. */
export function pointerMoves(event: PointerEvent, place: (point: Point) => Point): ToolEvent[] {
  const passed = event.getCoalescedEvents();
  return (passed.length > 0 ? passed : [event]).map((each) => ({ kind: 'pointerMove', ...pointerAt(each, place) }));
}

/** Zoom of one turn of the wheel, whatever unit the browser counts in. */
export function wheelFactor({ deltaY, deltaMode, ctrlKey }: WheelEvent): number {
  const perUnit = deltaMode === 1 ? 30 : deltaMode === 2 ? 300 : 1;
  // Pinching a touch pad arrives as small steps with Ctrl.
  return Math.exp((-deltaY * perUnit * (ctrlKey ? 8 : 1.5)) / 1000);
}
