import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { PHANTOM_LABELS } from '../../src-core/datasets/phantom.ts';
import { ITEM_STATES, type ItemState } from '../../src-core/review/item-state.ts';
import { noteShown } from '../../src-main/services/vanished-classes.ts';
import { readingPosition } from '../../src-main/services/reading-position.ts';
import { accessibilityProblems } from '../support/accessibility.ts';
import { noBrowser, openPage } from '../support/browser.ts';
import {
  canvasOf,
  colourOn,
  countOf,
  describedOn,
  itemOn,
  placesOn,
  saved,
  storedLabels,
  stroke,
  waitForItem,
} from '../support/review-canvas.ts';
import { openItem, SHOWS_ALL, useReviewProject } from '../support/review-project.ts';

const { LV } = PHANTOM_LABELS;

describe.skipIf(noBrowser)('the review screen', () => {
  const project = useReviewProject();

  /** The review screen of a project of its own: at its most uncertain item, or at another of them. */
  async function openReview(at = 0) {
    const copy = await project.openCopy();
    const page = await openItem(copy, at);
    return { ...copy, page };
  }

  /** Presses a key and waits until the item after it is on the screen. */
  async function press(page: Page, key: string, item: string): Promise<void> {
    await page.keyboard.press(key);
    await waitForItem(page, item);
  }

  /** The states that the queue shows, from the top. */
  async function statesOn(page: Page): Promise<(ItemState | undefined)[]> {
    const rows = await page.getByRole('list', { name: 'Queue' }).getByRole('listitem').allInnerTexts();
    return rows.map((text) => ITEM_STATES.find((state) => text.includes(state)));
  }

  it('is gone through by keys alone, and the queue shows each decision and how far it is', async () => {
    const { page, studio, items } = await openReview();
    const progress = page.getByRole('progressbar', { name: 'Reviewed' });
    expect(await statesOn(page)).toEqual(items.map(() => 'pending'));
    await press(page, 'a', items[1]!);
    await press(page, 'Enter', items[2]!);
    await press(page, 'x', items[3]!);

    await page.keyboard.press('r');
    await page.getByLabel('Reason').fill('Out of focus');
    await press(page, 'Enter', items[4]!);

    // Fix: the pointer goes to the keys, and the brush is put down and lifted.
    await page.keyboard.press('3');
    await page.keyboard.press('f');
    await page.keyboard.press('j');
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    await expect.poll(() => studio.project.state(items[4]!)).toBe('pending');
    await page.keyboard.press('j');
    await press(page, 'a', items[5]!);

    // Neighbours, without a decision, and back to what is undone.
    await press(page, 'd', items[6]!);
    await press(page, 'Shift+D', items[5]!);
    await press(page, 'a', items[6]!);
    await press(page, 'd', items[7]!);
    await press(page, 'a', items[8]!);
    await press(page, 'a', items[9]!);
    await press(page, 'x', items[10]!);
    await press(page, 'a', items[11]!);
    await press(page, 'n', items[6]!);

    const states = ['accepted', 'accepted', 'flagged', 'rejected', 'corrected', 'accepted'];
    const later = ['pending', 'accepted', 'accepted', 'flagged', 'accepted', 'pending'];
    const expected = [...states, ...later];
    expect(items.map((item) => studio.project.state(item))).toEqual(expected);
    await expect.poll(() => progress.getAttribute('aria-valuenow')).toBe('8');
    await page.getByText('8 of 12').waitFor();
    expect(await statesOn(page)).toEqual(expected);

    // What is flagged comes once nothing is pending; then there is nothing left to do.
    await press(page, 'a', items[11]!);
    await press(page, 'a', items[2]!);
    await press(page, 'a', items[9]!);
    await page.keyboard.press('a');
    await page.getByText('Every image of this list is reviewed.').waitFor();
    await page.getByText('12 of 12').waitFor();
    const reason = page.getByRole('region', { name: 'Decision' }).getByText('Out of focus');
    await reason.waitFor({ state: 'detached' });
    await press(page, 'd', items[10]!);
    for (let at = 9; at >= 3; at--) await press(page, 'Shift+D', items[at]!);
    await reason.waitFor();
  });

  it('keeps strokes, undo and redo over a reload of the page', async () => {
    const { page, studio, items } = await openReview(SHOWS_ALL);
    const item = items[SHOWS_ALL]!;
    const place = await placesOn(page, studio, item);
    const areas = () => countOf(storedLabels(studio, item), LV);
    const suggested = areas();
    await page.keyboard.press('3');
    await page.keyboard.press('b');
    await stroke(page, place({ x: 4, y: 4 }), place({ x: 20, y: 4 }));
    await expect.poll(areas).toBeGreaterThan(suggested);
    const first = areas();
    await stroke(page, place({ x: 4, y: 40 }), place({ x: 20, y: 40 }));
    await expect.poll(areas).toBeGreaterThan(first);
    const second = areas();

    await page.keyboard.press('Control+z');
    await expect.poll(areas).toBe(first);
    await page.keyboard.press('Control+Shift+z');
    await expect.poll(areas).toBe(second);
    await saved(page);
    const drawn = await describedOn(page);
    await page.reload();
    await canvasOf(page).waitFor();
    await waitForItem(page, item);
    expect(await describedOn(page)).toBe(drawn);

    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await expect.poll(areas).toBe(suggested);
    await saved(page);
    const undone = await describedOn(page);
    expect(undone).not.toBe(drawn);
    await page.reload();
    await canvasOf(page).waitFor();
    expect(await describedOn(page)).toBe(undone);
    await page.keyboard.press('Control+Shift+z');
    await page.keyboard.press('Control+Shift+z');
    await expect.poll(areas).toBe(second);
    await expect.poll(() => describedOn(page)).toBe(drawn);
  });

  it('hides masks while H is held, and shows and hides uncertainty by U', async () => {
    const { page } = await openReview(SHOWS_ALL);
    const legend = page.getByRole('slider', { name: /^Uncertainty/ });
    await legend.waitFor();
    await expect.poll(() => colourOn(page)).toBeGreaterThan(1000);
    const shown = await colourOn(page);
    await page.keyboard.down('h');
    await expect.poll(() => colourOn(page)).toBe(0);
    await page.keyboard.up('h');
    await expect.poll(() => colourOn(page)).toBe(shown);
    await page.keyboard.press('u');
    await legend.waitFor({ state: 'detached' });
    await expect.poll(() => colourOn(page)).not.toBe(shown);
    await page.keyboard.press('u');
    await legend.waitFor();
    await expect.poll(() => colourOn(page)).toBe(shown);
  });

  it('goes on at the item, the slice and the phase where the reader left', async () => {
    const { page, server, studio, items } = await openReview();
    const at = studio.project.items.find(({ phase, slice }) => phase === 'ES' && slice === 1)!.id;
    await page.keyboard.press('End');
    await expect.poll(() => itemOn(page)).not.toBe(items[0]);
    await press(page, 'ArrowDown', at);
    // Where a reader stays is noted.
    await expect.poll(() => readingPosition(studio.project, studio.settings().annotator)?.item).toBe(at);
    const later = await openPage(`${server.address}#/review`);
    await canvasOf(later).waitFor();
    await waitForItem(later, at);
    expect(await later.getByRole('slider', { name: /^Slice/ }).getAttribute('aria-valuetext')).toBe('Slice 2 / 3');
    expect(await later.getByRole('slider', { name: /^Phase/ }).getAttribute('aria-valuetext')).toBe('Phase 2 / 2');
    expect(await describedOn(later)).toContain('ES, slice 2');
  });

  it('says which classes the segmentation does not show, as the training screen does', async () => {
    const copy = await project.openCopy();
    noteShown(copy.studio.project, 'run-001', { pseudo: [90, 90, 90], segmentation: [0, 0, 90] });
    const page = await openItem(copy, 0);
    const said = 'The segmentation of this run shows next to nothing of RV and MYO, though its pseudo masks (P) do.';
    await page.getByText(said).waitFor();
    await page.getByRole('navigation').getByRole('button', { name: 'Train' }).click();
    await page.getByRole('complementary', { name: 'Train' }).getByText(said).waitFor();
  });

  it('accepts all slices of a phase below an uncertainty, after showing which', async () => {
    const { page, studio, items } = await openReview();
    // Scores of the volume: .92, .85, .78.
    await page.keyboard.press('Shift+A');
    const dialog = page.getByRole('dialog', { name: 'Accept what is certain of patient001' });
    await dialog.getByText('0 slices would be accepted').waitFor();
    await expect.poll(() => dialog.getByRole('button', { name: 'Accept 0 slices' }).isDisabled()).toBe(true);
    await dialog.getByRole('slider').fill('0.86');
    await dialog.getByText('2 slices would be accepted').waitFor();
    expect(await dialog.getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringMatching(/slice 2\s+0\.85/),
      expect.stringMatching(/slice 3\s+0\.78/),
    ]);
    await dialog.getByText('1 is less certain and stays undecided.').waitFor();
    expect(items.map((item) => studio.project.state(item))).toEqual(items.map(() => 'pending'));
    await dialog.getByRole('button', { name: 'Accept 2 slices' }).press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('Accepted 2 slices').waitFor();
    expect(items.slice(0, 4).map((item) => studio.project.state(item))).toEqual([
      'pending',
      'accepted',
      'accepted',
      'pending',
    ]);
    // One gesture: one undo takes back both.
    await page.goto(`${page.url().split('?')[0]}?item=${items[1]}`);
    await page.locator(`[aria-current="true"]`).getByText('slice 2').waitFor();
    await page.keyboard.press('Control+z');
    await expect.poll(() => studio.project.state(items[1]!)).toBe('pending');
    expect(studio.project.state(items[2]!)).toBe('pending');
  });

  it('says in words what the canvas shows, and says it anew after a change', async () => {
    const { page, items } = await openReview(SHOWS_ALL);
    expect(await describedOn(page)).toMatch(
      /^patient001, ED, slice 2, pending\. Areas: RV [\d,]+ mm², MYO [\d,]+ mm², LV [1-9][\d,]* mm²\. Uncertainty 0\.85\./,
    );
    await page.keyboard.press('3');
    await page.keyboard.press('Delete');
    await expect.poll(() => describedOn(page)).toContain('LV 0 mm²');
    await press(page, 'x', items[2]!);
    await press(page, 'Shift+D', items[1]!);
    expect(await describedOn(page)).toContain('slice 2, flagged.');
  });

  it('has nothing that axe finds wrong, in both themes, with its dialogs', async () => {
    const { page, studio } = await openReview();
    await page.getByRole('slider', { name: /^Uncertainty/ }).waitFor();
    for (const theme of ['dark', 'light'] as const) {
      studio.changeSettings({ theme });
      await page.locator(`html[data-theme="${theme}"]`).waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      for (const key of ['Shift+A', 'r']) {
        await page.keyboard.press(key);
        await page.getByRole('dialog').waitFor();
        expect(await accessibilityProblems(page)).toEqual([]);
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'detached' });
      }
    }
  });
});
