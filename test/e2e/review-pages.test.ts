import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { PHANTOM_LABELS } from '../../src-core/datasets/phantom.ts';
import { noBrowser } from '../support/browser.ts';
import {
  countOf,
  canvasOf,
  describedOn,
  placesOn,
  saved,
  storedLabels,
  stroke,
  waitForItem,
} from '../support/review-canvas.ts';
import { openItem, SHOWS_ALL, useReviewProject } from '../support/review-project.ts';

const { LV } = PHANTOM_LABELS;

describe.skipIf(noBrowser)('pages of one project under review', () => {
  const project = useReviewProject();

  /** Pages that show the same item of the same project. */
  async function openPages(count: 1 | 2) {
    const copy = await project.openCopy();
    const pages: Page[] = [];
    for (let n = 0; n < count; n++) pages.push(await openItem(copy, SHOWS_ALL));
    const [one, other] = pages as [Page, Page];
    const item = copy.items[SHOWS_ALL]!;
    return { one, other, studio: copy.studio, item, place: await placesOn(one, copy.studio, item) };
  }

  it('lose at most the stroke in hand when the page is loaded again', async () => {
    const { one: page, studio, item, place } = await openPages(1);
    await page.keyboard.press('3');
    await page.keyboard.press('b');
    // Strokes as fast as they come, and the page goes while the last one is drawn: nothing is waited for.
    for (const y of [3, 40]) await stroke(page, place({ x: 4, y }), place({ x: 40, y }));
    const drawn = await describedOn(page);
    const { x, y } = place({ x: 4, y: 30 });
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x, y + 90, { steps: 4 });
    await expect.poll(() => describedOn(page)).not.toBe(drawn);
    await page.reload();

    await canvasOf(page).waitFor();
    await waitForItem(page, item);
    expect(await describedOn(page)).toBe(drawn);
    await page.mouse.up();
    const before = storedLabels(studio, item);
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await page.getByText('Nothing to undo on this image.').waitFor();
    expect(countOf(storedLabels(studio, item), LV)).toBeLessThan(countOf(before, LV));
  });

  it('show each other what is drawn, undone and decided, and say so', async () => {
    const { one, other, place } = await openPages(2);
    const suggested = await describedOn(other);
    await one.keyboard.press('3');
    await one.keyboard.press('b');
    await stroke(one, place({ x: 4, y: 4 }), place({ x: 40, y: 4 }));
    const drawn = await describedOn(one);
    await expect.poll(() => describedOn(other)).toBe(drawn);
    const told = other.getByText('This image was changed in another window');
    await told.waitFor();
    await other.keyboard.press('Control+z');
    await expect.poll(() => describedOn(one)).toBe(suggested);
    await one.getByText('This image was changed in another window').waitFor();

    // What one decides the other sees in its queue, and on the canvas once it goes there.
    await one.keyboard.press('a');
    const row = other.getByRole('list', { name: 'Queue' }).getByRole('listitem').filter({ hasText: 'ED, slice 2' });
    await row.getByText('accepted').waitFor();
    expect(await describedOn(other)).toContain('accepted');
    await other.getByText('1 of 12').waitFor();
  });

  it('read an item anew that was changed elsewhere since they had it', async () => {
    const { one, other, item, place } = await openPages(2);
    // Away from the item, which is kept for going back to.
    await other.keyboard.press('ArrowDown');
    await other.getByText('Slice 3 / 3').first().waitFor();
    await one.keyboard.press('3');
    await one.keyboard.press('b');
    await stroke(one, place({ x: 4, y: 4 }), place({ x: 40, y: 4 }));
    await saved(one);
    await other.keyboard.press('ArrowUp');
    await waitForItem(other, item);
    await expect.poll(async () => describedOn(other)).toBe(await describedOn(one));
  });

  it('give up the gesture in hand where its mask is no more, but not for a decision', async () => {
    const { one, other, studio, item, place } = await openPages(2);
    for (const page of [one, other]) {
      await page.keyboard.press('3');
      await page.keyboard.press('b');
    }
    const from = place({ x: 4, y: 4 });
    const to = place({ x: 40, y: 4 });
    await one.mouse.move(from.x, from.y);
    await one.mouse.down();
    await one.mouse.move(to.x, to.y, { steps: 4 });
    const inHand = await describedOn(one);
    await other.keyboard.press('x');
    await expect.poll(() => describedOn(one)).toBe(inHand.replace('pending', 'flagged'));
    await one.mouse.up();
    await saved(one);
    const kept = storedLabels(studio, item);

    await one.mouse.move(from.x, from.y + 100);
    await one.mouse.down();
    await one.mouse.move(to.x, to.y + 100, { steps: 4 });
    await other.goto(`${other.url().split('?')[0]}?item=${item}`);
    await waitForItem(other, item);
    await stroke(other, place({ x: 4, y: 44 }), place({ x: 40, y: 44 }));
    await one.getByText('This image was changed in another window').waitFor();
    await expect.poll(async () => describedOn(other)).toBe(await describedOn(one));
    await one.mouse.up();
    await other.keyboard.press('Control+z');
    await expect.poll(() => storedLabels(studio, item)).toEqual(kept);
  });
});
