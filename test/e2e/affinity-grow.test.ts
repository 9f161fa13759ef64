import { rm } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PHANTOM_LABELS } from '../../src-core/datasets/phantom.ts';
import type { LabelPlane } from '../../src-core/imaging/plane.ts';
import type { Studio } from '../../src-main/services/studio/studio.ts';
import { closeBrowser, noBrowser, openPage, openStudio } from '../support/browser.ts';
import { diceOf, middleOf } from '../support/grow-material.ts';
import { phantomProject, type PhantomProject } from '../support/predicted-project.ts';
import { canvasOf, countOf, placesOn, storedLabels, stroke } from '../support/review-canvas.ts';
import { trainedPhantom } from '../support/trained-phantom.ts';

const { LV } = PHANTOM_LABELS;

describe.skipIf(noBrowser)('affinity grow', () => {
  let phantom: PhantomProject;
  let untrained: PhantomProject;

  beforeAll(async () => {
    phantom = await trainedPhantom();
    untrained = await phantomProject({}, { patients: 1, slices: 2 });
  }, 60_000);

  afterAll(async () => {
    await closeBrowser();
    for (const { folder } of [phantom, untrained]) await rm(folder, { recursive: true });
  });

  /** The slice of the first patient that shows most of the LV. */
  async function openItem(): Promise<{ page: Page; studio: Studio; item: string; truth: LabelPlane }> {
    const { studio, server } = await openStudio();
    studio.openProject(phantom.directory);
    const truths = await Promise.all(
      studio.project.items.map(async ({ id }) => ({ item: id, truth: (await studio.images.truth(id))! })), // of a phantom
    );
    const area = ({ truth }: { truth: LabelPlane }): number => truth.data.filter((label) => label === LV).length;
    const { item, truth } = truths.toSorted((a, b) => area(b) - area(a))[0]!;
    const page = await openPage(`${server.address}#/review?${new URLSearchParams({ item }).toString()}`);
    await canvasOf(page).waitFor();
    return { page, studio, item, truth };
  }

  const lvOf = (labels: Uint8Array): number => countOf(labels, LV);

  it('spreads a stroke live, keeps it by Enter as one step of undo, and gives it up by Escape', async () => {
    const { page, studio, item, truth } = await openItem();
    const place = await placesOn(page, studio, item);
    const middle = middleOf(truth, LV);
    const inLv = [place({ x: middle.x - 3, y: middle.y }), place({ x: middle.x + 3, y: middle.y })] as const;
    await page.keyboard.press('3');
    await page.keyboard.press('BracketLeft');
    await page.keyboard.press('BracketLeft');
    await page.keyboard.press('Delete');
    await expect.poll(() => lvOf(storedLabels(studio, item))).toBe(0);

    await page.keyboard.press('g');
    const hint = page.getByText('Stroke what is LV');
    await hint.waitFor();
    await stroke(page, ...inLv);
    await page.getByText('Enter keeps it').waitFor();
    await page.keyboard.press('Escape');
    await hint.waitFor();
    await stroke(page, ...inLv);
    expect(lvOf(storedLabels(studio, item))).toBe(0);
    await page.keyboard.press('Enter');
    await expect.poll(() => diceOf(storedLabels(studio, item), truth.data, LV)).toBeGreaterThan(0.75);
    const grown = storedLabels(studio, item);

    // Half of it is not the LV: by the second button.
    const edge = { x: middle.x, y: middle.y - 2 };
    await stroke(page, place({ x: edge.x - 4, y: edge.y }), place({ x: edge.x + 4, y: edge.y }), 'right');
    await page.keyboard.press('Enter');
    await expect.poll(() => lvOf(storedLabels(studio, item))).toBeLessThan(lvOf(grown));
    await page.keyboard.press('Control+z');
    await expect.poll(() => storedLabels(studio, item)).toEqual(grown);
    await page.keyboard.press('Control+z');
    await expect.poll(() => lvOf(storedLabels(studio, item))).toBe(0);
  });

  it('keeps what is seen where a person accepts with strokes in hand, and works by keys alone', async () => {
    const { page, studio, item } = await openItem();
    await page.keyboard.press('3');
    await page.keyboard.press('Delete');
    await expect.poll(() => lvOf(storedLabels(studio, item))).toBe(0);
    await page.keyboard.press('g');
    await page.getByText('Stroke what is LV').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Space');
    await page.keyboard.press('Space');
    await page.getByText('Enter keeps it').waitFor();
    await page.keyboard.press('a');
    await expect.poll(() => lvOf(storedLabels(studio, item))).toBeGreaterThan(0);
    await expect.poll(() => studio.project.state(item)).toBe('corrected');
  });

  it('says what it needs where no run is in use', async () => {
    const { studio, server } = await openStudio();
    studio.openProject(untrained.directory);
    const page = await openPage(`${server.address}#/review`);
    await canvasOf(page).waitFor();
    await page.keyboard.press('g');
    await page.getByText('Affinity grow needs a run in use').waitFor();
  });
});
