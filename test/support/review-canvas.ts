// The canvas of the review screen under a hand: where points of the image lie on the page, and what is stored after a gesture.
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { ImagePoint } from '../../src-core/labels/region.ts';
import { decodeLabels } from '../../src-core/labels/label-codec.ts';
import { readPicture } from '../../src-main/services/item-picture.ts';
import { readerNumber } from '../../src-main/services/readers.ts';
import { Review } from '../../src-main/services/review.ts';
import type { Studio } from '../../src-main/services/studio/studio.ts';
import { placementOf } from '../../src-renderer/canvas/orientation.ts';
import { fit, toScreen } from '../../src-renderer/canvas/viewport.ts';

/** As the canvas has it. */
const MARGIN_PX = 24;

/** The element that takes keys and pointers. */
export const canvasOf = (page: Page) => page.getByRole('application', { name: 'Image and mask' });

/** What is read aloud of the canvas: its item, its state and its areas. */
export async function describedOn(page: Page): Promise<string> {
  const id = await canvasOf(page).getAttribute('aria-describedby');
  return (await page.locator(`[id="${id ?? ''}"]`).textContent())?.trim() ?? '';
}

/** Item that is on the screen. */
export function itemOn(page: Page): string {
  return new URLSearchParams(page.url().split('?')[1]).get('item') ?? '';
}

/** From points of the image to places on the page, where the whole image is seen. */
export async function placesOn(page: Page, studio: Studio, item: string): Promise<(point: ImagePoint) => ImagePoint> {
  const picture = await readPicture(studio.images, item);
  const box = (await canvasOf(page).boundingBox())!; // it is on the page
  const placement = placementOf(picture);
  const view = fit(picture, box, placement, MARGIN_PX);
  return (point) => {
    const { x, y } = toScreen(point, view, box, placement);
    return { x: box.x + x, y: box.y + y };
  };
}

/** Draws a straight line between two places of the page. */
export async function stroke(
  page: Page,
  from: ImagePoint,
  to: ImagePoint,
  button: 'left' | 'right' = 'left',
): Promise<void> {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down({ button });
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.mouse.up({ button });
}

/** The labels of an item as they are stored, or as they are suggested where nobody has changed them. */
export function storedLabels({ project }: Studio, item: string): Uint8Array {
  const { mask } = new Review(project, { annotator: '', reader: readerNumber(project, undefined) }).item(item);
  return decodeLabels(mask!).data; // the run has suggested one
}

/** How many pixels have a label. */
export function countOf(labels: Uint8Array, label: number): number {
  return labels.filter((each) => each === label).length;
}

/** Waits until the mark in the top bar says that everything is stored. */
export async function saved(page: Page): Promise<void> {
  await page.getByRole('status').getByText('Saved', { exact: true }).waitFor();
}

/** How much colour the canvas shows: masks and values over the image have some, the grey image itself has none. */
export async function colourOn(page: Page): Promise<number> {
  return canvasOf(page)
    .locator('canvas')
    .evaluate((canvas: HTMLCanvasElement) => {
      const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d')!; // a browser gives one
      copy.drawImage(canvas, 0, 0);
      const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
      let colour = 0;
      for (let i = 0; i < data.length; i += 4) {
        const [red, green, blue] = [data[i]!, data[i + 1]!, data[i + 2]!];
        const saturation = Math.max(red, green, blue) - Math.min(red, green, blue);
        // Less than this is rounding.
        if (saturation > 12) colour += saturation;
      }
      return colour;
    });
}

/** What the canvas shows, as a number that changes with any pixel. */
export async function pictureOn(page: Page): Promise<number> {
  return canvasOf(page)
    .locator('canvas')
    .evaluate((canvas: HTMLCanvasElement) => {
      const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d')!; // a browser gives one
      copy.drawImage(canvas, 0, 0);
      const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
      return data.reduce((hash, value) => (Math.imul(hash, 31) + value) | 0, 7);
    });
}

/** Waits until an item is on the screen. */
export async function waitForItem(page: Page, item: string): Promise<void> {
  await expect.poll(() => itemOn(page)).toBe(item);
}
