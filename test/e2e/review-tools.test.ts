import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { PHANTOM_LABELS } from '../../src-core/datasets/phantom.ts';
import type { ImagePoint } from '../../src-core/labels/region.ts';
import type { Studio } from '../../src-main/services/studio/studio.ts';
import { noBrowser } from '../support/browser.ts';
import { middleOf } from '../support/grow-material.ts';
import { canvasOf, countOf, placesOn, saved, storedLabels, stroke, waitForItem } from '../support/review-canvas.ts';
import { openItem, SHOWS_ALL, useReviewProject } from '../support/review-project.ts';

const { RV, LV } = PHANTOM_LABELS;
const SIDE = 48;

describe.skipIf(noBrowser)('the tools of the review screen', () => {
  const project = useReviewProject({ side: SIDE });

  /** A hand on a slice that shows every class, with the LV as the active class. */
  async function openHand() {
    const copy = await project.openCopy();
    const page = await openItem(copy, SHOWS_ALL);
    const item = copy.items[SHOWS_ALL]!;
    await page.keyboard.press('3');
    return {
      page,
      items: copy.items,
      studio: copy.studio,
      hand: new Hand(page, copy.studio, item, await placesOn(page, copy.studio, item)),
    };
  }

  it('draw and erase with brushes of any size, each stroke one step of undo', async () => {
    const { page, hand } = await openHand();
    await page.keyboard.press('b');
    const drawn = await hand.tries(() => hand.stroke({ x: 6, y: 5 }, { x: 20, y: 5 }));
    expect(hand.at(drawn, 12, 5)).toBe(LV);
    await page.keyboard.press('BracketLeft');
    await page.keyboard.press('BracketLeft');
    const thinner = await hand.tries(() => hand.stroke({ x: 6, y: 5 }, { x: 20, y: 5 }));
    expect(countOf(thinner, LV)).toBeLessThan(countOf(drawn, LV));
    for (let n = 0; n < 4; n++) await page.keyboard.press('BracketRight');
    const thicker = await hand.tries(() => hand.stroke({ x: 6, y: 5 }, { x: 20, y: 5 }));
    expect(countOf(thicker, LV)).toBeGreaterThan(countOf(drawn, LV));

    const { x, y } = hand.middle(LV);
    const before = hand.labels();
    await page.keyboard.press('e');
    const erased = await hand.tries(() => hand.stroke({ x: x - 1, y }, { x: x + 1, y }));
    expect(hand.at(erased, Math.floor(x), Math.floor(y))).toBe(0);
    expect(countOf(erased, LV)).toBeLessThan(countOf(before, LV));
    // With Shift the eraser takes the active class alone.
    const onlyLv = await hand.tries(() => hand.holding('Shift', () => hand.stroke({ x: x - 12, y }, { x: x + 12, y })));
    expect(countOf(onlyLv, RV)).toBe(countOf(before, RV));
    expect(countOf(onlyLv, LV)).toBeLessThan(countOf(before, LV));
    // With Control the brush erases.
    await page.keyboard.press('b');
    const byBrush = await hand.tries(() =>
      hand.holding('Control', () => hand.stroke({ x: x - 1, y }, { x: x + 1, y })),
    );
    expect(byBrush).toEqual(erased);
  });

  it('lose no stroke that is drawn while strokes and undos are on their way over a slow line', async () => {
    const { page, hand } = await openHand();
    await page.routeWebSocket(/socket$/, (socket) => {
      const server = socket.connectToServer();
      server.onMessage((message) => void setTimeout(() => socket.send(message), 400));
    });
    await page.reload();
    await canvasOf(page).waitFor();
    await page.keyboard.press('3');
    await page.keyboard.press('b');
    const row = (y: number) => hand.stroke({ x: 4, y }, { x: 20, y });
    const suggested = hand.labels();
    await row(4);
    await row(14);
    await page.keyboard.press('Control+z');
    await row(40);
    await page.keyboard.press('Shift+BracketRight');
    await expect.poll(() => hand.at(hand.labels(), 12, 44)).toBe(LV);
    await saved(page);
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await expect.poll(() => hand.labels()).toEqual(suggested);
    await page.keyboard.press('Control+Shift+z');
    await page.keyboard.press('Control+Shift+z');
    await expect.poll(() => hand.at(hand.labels(), 12, 41)).toBe(LV);
    expect([4, 14, 41].map((y) => hand.at(hand.labels(), 12, y))).toEqual([LV, 0, LV]);
  });

  it('draw the broader the harder a pen is pressed', async () => {
    const { page, hand } = await openHand();
    await page.keyboard.press('b');
    for (let n = 0; n < 4; n++) await page.keyboard.press('BracketRight');
    const drawn: number[] = [];
    for (const force of [0.1, 0.5, 1]) {
      const labels = await hand.tries(() => hand.pen({ x: 6, y: 8 }, { x: 20, y: 8 }, force));
      drawn.push(countOf(labels, LV));
    }
    expect(drawn).toEqual([...new Set(drawn)].sort((a, b) => a - b));
    // Pressed as hard as can be it is the brush that a mouse has.
    const byMouse = await hand.tries(() => hand.stroke({ x: 6, y: 8 }, { x: 20, y: 8 }));
    expect(drawn.at(-1)).toBe(countOf(byMouse, LV));
  });

  it('draw shapes by corners and in one go, and fill what hangs together', async () => {
    const { page, items, hand } = await openHand();
    const before = countOf(hand.labels(), LV);
    await page.keyboard.press('Shift+L');
    const square = await hand.tries(async () => {
      // One corner too many, which is taken back.
      for (const point of [
        { x: 4, y: 4 },
        { x: 14, y: 4 },
        { x: 14, y: 9 },
        { x: 40, y: 40 },
      ])
        await hand.click(point);
      await page.keyboard.press('Backspace');
      await hand.click({ x: 4, y: 9 });
      await page.keyboard.press('Enter');
    });
    expect(countOf(square, LV) - before).toBe(50);
    await hand.click({ x: 4, y: 4 });
    await hand.click({ x: 14, y: 4 });
    await page.keyboard.press('Escape');
    await page.keyboard.press('Enter');
    // Enter has accepted, since no shape was in hand, and the item after it is on the screen.
    await waitForItem(page, items[SHOWS_ALL + 1]!);
    expect(hand.state()).toBe('accepted');
    await page.keyboard.press('Shift+D');
    await waitForItem(page, hand.item);

    await page.keyboard.press('l');
    await hand.draw(() => hand.path({ x: 4, y: 4 }, { x: 14, y: 4 }, { x: 14, y: 9 }, { x: 4, y: 9 }));
    expect(countOf(hand.labels(), LV) - before).toBe(50);
    await page.keyboard.press('1');
    await page.keyboard.press('k');
    const rv = countOf(hand.labels(), RV);
    const filled = await hand.tries(() => hand.click({ x: 8.5, y: 6.5 }));
    expect(countOf(filled, RV) - rv).toBe(50);
    expect(countOf(filled, LV)).toBe(before);
  });

  it('follow the intensities of the image: wand and brush within a range', async () => {
    const { page, hand } = await openHand();
    const middle = hand.middle(LV);
    await hand.draw(() => page.keyboard.press('Delete'));
    expect(countOf(hand.labels(), LV)).toBe(0);
    await page.keyboard.press('w');
    const taken = await hand.tries(() => hand.click(middle));
    expect(hand.at(taken, Math.floor(middle.x), Math.floor(middle.y))).toBe(LV);
    // Dragged to the right it takes more.
    const more = await hand.tries(() => hand.stroke(middle, { x: middle.x + 12, y: middle.y }));
    expect(countOf(more, LV)).toBeGreaterThan(countOf(taken, LV));

    const across = [middle, { x: middle.x + 14, y: middle.y }] as const;
    await page.keyboard.press('b');
    const whole = await hand.tries(() => hand.stroke(...across));
    await page.keyboard.press('Shift+B');
    const within = await hand.tries(() => hand.stroke(...across));
    expect(countOf(within, LV)).toBeGreaterThan(0);
    expect(countOf(within, LV)).toBeLessThan(countOf(whole, LV));
  });

  it('reshape a class: largest part, small parts, holes, smooth, grow, shrink, move, clear', async () => {
    const { page, hand } = await openHand();
    const suggested = hand.labels();
    const before = countOf(suggested, LV);
    const middle = hand.middle(LV);
    for (let n = 0; n < 6; n++) await page.keyboard.press('BracketLeft');
    await page.keyboard.press('b');
    await hand.draw(() => hand.click({ x: 6.5, y: 6.5 }));
    expect(countOf(hand.labels(), LV)).toBeGreaterThan(before);
    expect(await hand.tries(() => page.keyboard.press('Shift+K'))).toEqual(suggested);
    await hand.draw(async () => {
      await page.keyboard.press('Control+k');
      await page.getByRole('dialog').getByRole('combobox').fill('remove small');
      await page.getByRole('option', { selected: true }).getByText('Remove small parts').waitFor();
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    });
    expect(hand.labels()).toEqual(suggested);

    await page.keyboard.press('e');
    await hand.draw(() => hand.click({ x: Math.floor(middle.x) + 0.5, y: Math.floor(middle.y) + 0.5 }));
    expect(countOf(hand.labels(), LV)).toBeLessThan(before);
    await hand.draw(() => page.keyboard.press('Shift+H'));
    expect(hand.labels()).toEqual(suggested);

    const grown = await hand.tries(() => page.keyboard.press('Shift+BracketRight'));
    expect(countOf(grown, LV)).toBeGreaterThan(before);
    const shrunk = await hand.tries(() => page.keyboard.press('Shift+BracketLeft'));
    expect(countOf(shrunk, LV)).toBeLessThan(before);
    // A thin spike goes where the class is made smooth.
    await page.keyboard.press('b');
    await hand.draw(() => hand.stroke(middle, { x: middle.x, y: middle.y + 16 }));
    const spiked = countOf(hand.labels(), LV);
    const smooth = await hand.tries(() => page.keyboard.press('Shift+S'));
    expect(countOf(smooth, LV)).toBeLessThan(spiked);
    await page.keyboard.press('Control+z');
    await expect.poll(() => hand.labels()).toEqual(suggested);

    await page.keyboard.press('m');
    const moved = await hand.tries(() => hand.stroke(middle, { x: middle.x + 6, y: middle.y - 10 }));
    expect(countOf(moved, LV)).toBe(before);
    const to = middleOf({ width: SIDE, height: SIDE, data: moved }, LV);
    expect(to.x - middle.x).toBeCloseTo(6, 5);
    expect(to.y - middle.y).toBeCloseTo(-10, 5);
    const cleared = await hand.tries(() => page.keyboard.press('Delete'));
    expect(countOf(cleared, LV)).toBe(0);
  });

  it('reach other slices and phases: copy, and draw on the slices between', async () => {
    const { page, studio, items, hand } = await openHand();
    const slice = (at: number) => storedLabels(studio, items[at]!);
    await page.keyboard.press('ArrowDown');
    await waitForItem(page, items[2]!);
    await page.keyboard.press('Control+ArrowUp');
    await expect.poll(() => slice(2)).toEqual(slice(1));
    await page.keyboard.press('Control+z');
    await expect.poll(() => slice(2)).not.toEqual(slice(1));
    // ES from ED, of the same slice.
    await page.keyboard.press('ArrowRight');
    await waitForItem(page, items[5]!);
    await page.keyboard.press('Control+ArrowLeft');
    await expect.poll(() => slice(5)).toEqual(slice(2));

    // A square on the first slice and on the last one; nothing of the class in between.
    await page.keyboard.press('ArrowLeft');
    await waitForItem(page, items[2]!);
    await page.keyboard.press('l');
    const square = () => hand.path({ x: 20, y: 20 }, { x: 30, y: 20 }, { x: 30, y: 30 }, { x: 20, y: 30 });
    await square();
    await expect.poll(() => countOf(slice(2), LV)).toBeGreaterThan(0);
    await page.keyboard.press('ArrowUp');
    await waitForItem(page, items[1]!);
    await page.keyboard.press('Delete');
    await expect.poll(() => countOf(slice(1), LV)).toBe(0);
    await page.keyboard.press('ArrowUp');
    await waitForItem(page, items[0]!);
    await square();
    await expect.poll(() => countOf(slice(0), LV)).toBe(100);
    await page.keyboard.press('i');
    await page.getByText('Drawn on 1 slice').waitFor();
    await expect.poll(() => countOf(slice(1), LV)).toBeGreaterThan(80);
    // One gesture, wherever it is taken back.
    await page.keyboard.press('ArrowDown');
    await waitForItem(page, items[1]!);
    await page.keyboard.press('Control+z');
    await expect.poll(() => countOf(slice(1), LV)).toBe(0);
  });

  it('draw a class in the phases between those that have it, round the heart beat, as one gesture', async () => {
    const { page, studio, items } = await openHand();
    const [diastole, systole] = [items[1]!, items[4]!];
    const lv = (item: string) => storedLabels(studio, item).map((label) => (label === LV ? 1 : 0));
    await page.keyboard.press('ArrowRight');
    await waitForItem(page, systole);
    await page.keyboard.press('Delete');
    await expect.poll(() => countOf(storedLabels(studio, systole), LV)).toBe(0);
    await page.keyboard.press('Shift+I');
    await page.getByText('Drawn on 1 slice').waitFor();
    // Of two phases, the one lies between the other and itself.
    await expect.poll(() => lv(systole)).toEqual(lv(diastole));
    await page.keyboard.press('Control+z');
    await expect.poll(() => countOf(storedLabels(studio, systole), LV)).toBe(0);
    // At once after an undo, it looks at what that brings back.
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Shift+I');
    await page.getByText('Every slice between has the class already.').waitFor();
  });

  it('leave a locked class as it is, and say why a locked one is not drawn', async () => {
    const { page, hand } = await openHand();
    const middle = hand.middle(LV);
    const before = countOf(hand.labels(), LV);
    await page.getByRole('button', { name: 'Lock LV' }).click();
    await page.keyboard.press('1');
    await page.keyboard.press('b');
    const painted = await hand.tries(() =>
      hand.stroke({ x: middle.x - 16, y: middle.y }, { x: middle.x + 16, y: middle.y }),
    );
    expect(countOf(painted, LV)).toBe(before);
    await page.keyboard.press('3');
    await hand.stroke({ x: 6, y: 6 }, { x: 20, y: 6 });
    await page.getByText('LV is locked: unlock it to change it.').waitFor();
    expect(countOf(hand.labels(), LV)).toBe(before);
    await page.getByRole('button', { name: 'Unlock LV' }).click();
    await hand.draw(() => hand.stroke({ x: 6, y: 6 }, { x: 20, y: 6 }));
    expect(countOf(hand.labels(), LV)).toBeGreaterThan(before);
  });
});

/** A hand on the canvas of an item, and what is stored of what it does. */
class Hand {
  readonly item: string;
  private readonly page: Page;
  private readonly studio: Studio;
  private readonly place: (point: ImagePoint) => ImagePoint;

  constructor(page: Page, studio: Studio, item: string, place: (point: ImagePoint) => ImagePoint) {
    this.page = page;
    this.studio = studio;
    this.item = item;
    this.place = place;
  }

  labels(): Uint8Array {
    return storedLabels(this.studio, this.item);
  }

  state(): string {
    return this.studio.project.state(this.item);
  }

  at(labels: Uint8Array, x: number, y: number): number | undefined {
    return labels[y * SIDE + x];
  }

  middle(label: number): ImagePoint {
    return middleOf({ width: SIDE, height: SIDE, data: this.labels() }, label);
  }

  async click(point: ImagePoint): Promise<void> {
    const { x, y } = this.place(point);
    await this.page.mouse.click(x, y);
  }

  async stroke(from: ImagePoint, to: ImagePoint): Promise<void> {
    await stroke(this.page, this.place(from), this.place(to));
  }

  /** Draws a straight line with a pen that is pressed so hard, 0..1. */
  async pen(from: ImagePoint, to: ImagePoint, force: number): Promise<void> {
    const client = await this.page.context().newCDPSession(this.page);
    const [start, end] = [this.place(from), this.place(to)];
    const felt = { button: 'left', pointerType: 'pen', clickCount: 1, force } as const;
    await client.send('Input.dispatchMouseEvent', { ...felt, ...start, type: 'mousePressed', buttons: 1 });
    await client.send('Input.dispatchMouseEvent', { ...felt, ...end, type: 'mouseMoved', buttons: 1 });
    await client.send('Input.dispatchMouseEvent', { ...felt, ...end, type: 'mouseReleased' });
    await client.detach();
  }

  async holding(key: string, gesture: () => Promise<void>): Promise<void> {
    await this.page.keyboard.down(key);
    await gesture();
    await this.page.keyboard.up(key);
  }

  /** Draws from point to point without lifting. */
  async path(...points: readonly ImagePoint[]): Promise<void> {
    const [first, ...others] = points.map(this.place);
    await this.page.mouse.move(first!.x, first!.y);
    await this.page.mouse.down();
    for (const { x, y } of others) await this.page.mouse.move(x, y);
    await this.page.mouse.up();
  }

  /** Does something that changes the mask, and waits until that is stored. */
  async draw(gesture: () => Promise<void>): Promise<void> {
    const before = this.labels();
    await gesture();
    await expect.poll(() => this.labels()).not.toEqual(before);
  }

  /** Does something as one gesture and takes it back; gives the labels that it made. */
  async tries(gesture: () => Promise<void>): Promise<Uint8Array> {
    const before = this.labels();
    await this.draw(gesture);
    const after = this.labels();
    await this.page.keyboard.press('Control+z');
    await expect.poll(() => this.labels()).toEqual(before);
    return after;
  }
}
