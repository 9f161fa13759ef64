// The review screen: whether a brush keeps up with the hand, and how soon the next item is there.
import { rm } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { createOnnxRuntimeEngine } from '../../src-main/engines/onnxruntime.ts';
import { predictProject } from '../../src-main/services/predict.ts';
import { Project } from '../../src-main/services/project.ts';
import { putInUse } from '../../src-main/services/run-in-use.ts';
import { phantomProject, storeNetwork, storePredictions } from '../support/predicted-project.ts';
import { percentile, withPage, type UiFigure } from './ui-page.ts';

const STROKES = 4;
const FRAMES_A_STROKE = 40;
const SWITCHES = 10;
/** Side of the images that the network of affinity grow looks at. */
const NETWORK_SIDE = 224;

interface Case {
  readonly side: number;
  /** Milliseconds that a frame may take. */
  readonly frameMs: number;
  readonly switchMs?: number;
  readonly slices: number;
}

/** Figures of images of 512 x 512 and 2048 x 2048. */
export async function reviewFigures(): Promise<UiFigure[]> {
  return [
    ...(await figuresOf({ side: 512, frameMs: 16, switchMs: 150, slices: 6 })),
    ...(await figuresOf({ side: 2048, frameMs: 33, slices: 2 })),
    ...(await growFigures(256)),
  ];
}

/** How soon what is grown from a stroke is seen, on slices as large as those of a heart; what the network has learnt takes no time. */
async function growFigures(side: number): Promise<UiFigure[]> {
  const phantom = await phantomProject({}, { patients: 1, side, slices: 2 });
  const project = Project.open(phantom.directory);
  const run = await storeNetwork(project, NETWORK_SIDE);
  await predictProject(project, { engine: createOnnxRuntimeEngine({ provider: 'cpu' }), run });
  putInUse(project, run);
  project.close();
  const times = await withPage(async ({ page, studio }) => {
    studio.openProject(phantom.directory);
    await page.evaluate(() => (window.location.hash = '/review'));
    await page.locator('.surface').waitFor();
    await page.keyboard.press('g');
    await page.getByText(/^Stroke what is/).waitFor({ timeout: 120_000 });
    return strokeTimes(page, { part: 0.1, timed: 'seen' });
  });
  await rm(phantom.folder, { recursive: true });
  const name = `${side} x ${side}: affinity grow, from a move to its mask`;
  return [
    { name: `${name}, median`, value: percentile(times, 0.5), unit: 'ms' },
    { name: `${name}, 95th percentile`, value: percentile(times, 0.95), unit: 'ms', limit: 150 },
  ];
}

async function figuresOf({ side, frameMs, switchMs, slices }: Case): Promise<UiFigure[]> {
  const phantom = await phantomProject({}, { patients: 1, side, slices });
  const project = Project.open(phantom.directory);
  putInUse(project, await storePredictions(project));
  project.close();
  const figures = await withPage(async ({ page, studio }) => {
    studio.openProject(phantom.directory);
    await page.evaluate(() => (window.location.hash = '/review'));
    await page.getByRole('slider', { name: /^Uncertainty/ }).waitFor({ timeout: 120_000 });
    const size = `${side} x ${side}`;
    await page.keyboard.press('b');
    for (let n = 0; n < 6; n++) await page.keyboard.press('BracketRight');
    const strokes = await strokeTimes(page, { part: 0.6, timed: 'work' });
    const brush: UiFigure[] = [
      { name: `${size}: brush, work of a frame, median`, value: percentile(strokes, 0.5), unit: 'ms' },
      {
        name: `${size}: brush, work of a frame, 95th percentile`,
        value: percentile(strokes, 0.95),
        unit: 'ms',
        limit: frameMs,
      },
    ];
    if (switchMs === undefined) return brush;
    const [known, unknown] = [await switches(page), await jumps(page)];
    return [
      ...brush,
      { name: `${size}: next item by key, median`, value: percentile(known, 0.5), unit: 'ms' },
      {
        name: `${size}: next item by key, 95th percentile`,
        value: percentile(known, 0.95),
        unit: 'ms',
        limit: switchMs,
      },
      { name: `${size}: item not seen before, median`, value: percentile(unknown, 0.5), unit: 'ms', limit: switchMs },
    ];
  });
  await rm(phantom.folder, { recursive: true });
  return figures;
}

/** Strokes over a middle part of the canvas, as a share of its sides, and what of every move is timed. */
interface StrokePlan {
  readonly part: number;
  /**
   * `work`: what the frame after a move takes of its time, its handling and the drawing until the picture is whole; a screen of 60 Hz
   * would round both up to its own pace. `seen`: from the move until what comes of it is on the screen, the waiting for frames included.
   */
  readonly timed: 'work' | 'seen';
}

/** Draws strokes with the tool in hand, a step of a few pixels in every frame. Milliseconds of each step. */
async function strokeTimes(page: Page, plan: StrokePlan): Promise<number[]> {
  return page.evaluate(
    async ({ part, timed, strokes, steps }) => {
      const surface = document.querySelector<HTMLElement>('.surface')!;
      const gl = surface.querySelector('canvas')!.getContext('webgl2')!;
      const { left, top, width, height } = surface.getBoundingClientRect();
      const send = (type: string, across: number, down: number, sideways = 0): void => {
        const place = { clientX: left + width * across, clientY: top + height * down + sideways };
        const at = { ...place, button: 0, buttons: 1, pointerId: 1, isPrimary: true };
        surface.dispatchEvent(new PointerEvent(type, { ...at, bubbles: true, pointerType: 'mouse' }));
      };
      const drained = (): void => gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
      const inFrame = (act: () => void): Promise<number> =>
        new Promise((resolve) =>
          requestAnimationFrame(() => {
            act();
            resolve(performance.now());
          }),
        );
      const work = async (move: () => void): Promise<number> => {
        // What the browser still composes of the frame before is not the tool's work.
        const begun = inFrame(drained);
        const start = performance.now();
        move();
        // The app asks for its own frame once its state has settled, in microtasks.
        for (let n = 0; n < 20; n++) await Promise.resolve();
        const handled = performance.now() - start;
        const ended = inFrame(drained);
        return handled + (await ended) - (await begun);
      };
      const seen = async (move: () => void): Promise<number> => {
        const start = performance.now();
        move();
        // One frame for what a tool works out, one to draw it.
        await inFrame(() => undefined);
        return (await inFrame(drained)) - start;
      };
      // A pointer of a test cannot be captured.
      surface.setPointerCapture = () => undefined;
      const times: number[] = [];
      for (let stroke = 0; stroke < strokes; stroke++) {
        const [from, down] = [0.5 - part / 2, 0.5 - part / 2 + (part * stroke) / strokes];
        send('pointerdown', from, down);
        for (let step = 0; step <= steps; step++) {
          const move = (): void =>
            send('pointermove', from + (part * step) / steps, down, 20 * part * Math.sin(step / 4));
          times.push(await (timed === 'work' ? work(move) : seen(move)));
        }
        send('pointerup', from + part, down);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      return times;
    },
    { ...plan, strokes: STROKES, steps: FRAMES_A_STROKE },
  );
}

/** Goes on by key again and again; times until the next item is drawn. */
async function switches(page: Page): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < SWITCHES; n++) {
    times.push(await untilDrawn(page, () => page.keyboard.press('d')));
    // A person looks before going on.
    await page.waitForTimeout(300);
  }
  return times;
}

/** Goes to items that were not fetched ahead, at the far end of the list each time. */
async function jumps(page: Page): Promise<number[]> {
  const items = await page.evaluate(() => document.querySelectorAll('[role="listitem"]').length);
  await page.reload();
  await page.getByRole('slider', { name: /^Uncertainty/ }).waitFor();
  const times: number[] = [];
  for (let n = 2; n < items; n += 3) {
    const row = page.getByRole('listitem').nth(n).getByRole('button');
    times.push(await untilDrawn(page, () => row.evaluate((button) => (button as HTMLElement).click())));
    await page.waitForTimeout(300);
  }
  return times;
}

/** Milliseconds from a press to the frame after the address has named another item: then its picture is on the screen. */
async function untilDrawn(page: Page, act: () => Promise<void>): Promise<number> {
  const watch = await page.evaluateHandle(() => {
    const before = window.location.hash;
    const started = new Promise<number>((resolve) => {
      const begin = (): void => resolve(performance.now());
      for (const type of ['keydown', 'click']) window.addEventListener(type, begin, { capture: true, once: true });
    });
    const watched = started.then(async (start) => {
      while (window.location.hash === before) await new Promise(requestAnimationFrame);
      await new Promise(requestAnimationFrame);
      await new Promise(requestAnimationFrame);
      return performance.now() - start;
    });
    // In an object: a promise would be waited for before anything is pressed.
    return { watched };
  });
  await act();
  return watch.evaluate(({ watched }) => watched);
}
