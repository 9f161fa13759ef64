import type { Page } from 'playwright-core';
import { button, press, type Scene } from '../scene.ts';

const at = '/review';
const canvas = (page: Page) => page.getByRole('application', { name: 'Image and mask' });

async function open(page: Page): Promise<void> {
  await canvas(page).waitFor();
  await page.locator('.surface').waitFor();
}

/** Points of the canvas, as shares of its size from its middle. */
async function drag(page: Page, points: readonly (readonly [number, number])[], isReleased = true): Promise<void> {
  const { x, y, width, height } = (await canvas(page).boundingBox())!; // it is on the page
  const side = Math.min(width, height);
  const place = ([across, down]: readonly [number, number]) =>
    [x + width / 2 + across * side, y + height / 2 + down * side] as const;
  await page.mouse.move(...place(points[0]!));
  await page.mouse.down();
  for (const point of points.slice(1)) await page.mouse.move(...place(point), { steps: 6 });
  if (isReleased) await page.mouse.up();
}

export const REVIEW_SCENES: readonly Scene[] = [
  { name: 'review-no-run', project: 'untagged', at, show: open },
  { name: 'review-queue', project: 'trained', at, show: open },
  {
    name: 'review-by-patient',
    project: 'trained',
    isAlone: true,
    at: '/review?item=patient004_frame01_z02',
    readme: 'review.webp',
    async show(page) {
      await open(page);
      await page.getByLabel('Order of the queue').selectOption({ label: 'By patient' });
      await page.getByLabel('Find a patient or file').fill('patient004');
      const queue = page.getByRole('region', { name: 'Queue' });
      await canvas(page).focus();
      await press(page, 'a');
      await queue.getByText('accepted', { exact: true }).waitFor();
      await page.waitForURL(/item=(?!patient004_frame01_z02)/);
      await press(page, 'x');
      await queue.getByText('flagged', { exact: true }).waitFor();
      await press(page, 'Shift+d');
    },
  },
  {
    name: 'review-activation',
    project: 'trained',
    at,
    async show(page) {
      await open(page);
      await press(page, 'c');
    },
  },
  {
    name: 'review-brush-in-use',
    project: 'trained',
    at,
    async show(page) {
      await open(page);
      await press(page, 'b', ']', ']');
      await drag(
        page,
        [
          [-0.1, 0.02],
          [0.02, 0.08],
        ],
        false,
      );
    },
  },
  {
    name: 'review-polygon-in-use',
    project: 'trained',
    at,
    async show(page) {
      await open(page);
      await press(page, 'Shift+l');
      for (const point of [
        [-0.1, -0.1],
        [0.1, -0.08],
        [0.12, 0.06],
      ] as const)
        await drag(page, [point]);
    },
  },
  {
    name: 'review-affinity-grow',
    project: 'trained',
    at,
    async show(page) {
      await open(page);
      await press(page, 'g');
      await page.getByText('Stroke what is LV').waitFor();
      await drag(page, [
        [-0.04, 0],
        [0.04, 0.01],
      ]);
      await page.getByText('Enter keeps it').waitFor();
    },
  },
  {
    name: 'review-changed-by-hand',
    project: 'trained',
    at,
    async show(page) {
      await open(page);
      await press(page, 'b', ']', ']');
      await drag(page, [
        [-0.1, 0.02],
        [0.02, 0.08],
      ]);
      await press(page, 't');
    },
  },
  {
    name: 'review-accept-below',
    project: 'trained',
    at,
    async show(page) {
      await open(page);
      await press(page, 'Shift+a');
      await page.getByRole('dialog').getByRole('status').waitFor();
    },
  },
  {
    name: 'review-reject',
    project: 'trained',
    at,
    async show(page) {
      await open(page);
      await press(page, 'r');
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'review-cine',
    project: 'trained',
    at,
    async show(page) {
      await open(page);
      await press(page, 'p');
      await button(page, 'Pause').waitFor();
    },
  },
  {
    name: 'review-whole-canvas',
    project: 'trained',
    isAlone: true,
    at,
    async show(page) {
      await open(page);
      await press(page, '\\');
    },
  },
  {
    name: 'review-none-listed',
    project: 'trained',
    at,
    async show(page) {
      await open(page);
      await page.getByLabel('Find a patient or file').fill('nobody');
      await page.getByText('No image is like this').waitFor();
    },
  },
  { name: 'review-three-classes', project: 'predicted', at, show: open },
  {
    name: 'review-all-done',
    project: 'earlier',
    async show(page) {
      await button(page, /^Phantom, second reading/).click();
      await page.getByRole('gridcell').first().waitFor();
      await press(page, 'Alt+3');
      await open(page);
      await press(page, 'n');
      await page.getByText('Every image of this list is reviewed.').waitFor();
    },
  },
  { name: 'review-long-queue', project: 'large', at, show: open },
];
