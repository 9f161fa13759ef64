// The images screen with very many images: how soon it is there, and whether scrolling keeps up.
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { Project } from '../../src-main/services/project.ts';
import { niftiBytes } from '../support/nifti-file.ts';
import { writeLargeProject } from '../support/large-project.ts';
import { percentile, withPage, type UiFigure } from './ui-page.ts';

const SIDE = 96;
const SLICES = 10;
const ROUNDS = 3;
const FRAMES = 240;
/** Pixels scrolled in a frame: some 3 600 in a second. */
const SPEED = 60;

/** Figures of projects with 20 000 and 100 000 images. */
export async function imagesFigures(): Promise<UiFigure[]> {
  return [...(await figuresOf(20_000, 2000)), ...(await figuresOf(100_000))];
}

function figuresOf(items: number, limit?: number): Promise<UiFigure[]> {
  const count = `${items} images`;
  return withPage(async ({ page, studio, folder }) => {
    const directory = join(folder, 'projects', 'Large');
    writePictures(directory, items);
    studio.openProject(directory);
    studio.closeProject();
    const opening: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      studio.closeProject();
      await page.evaluate(() => (window.location.hash = '/start'));
      await page.getByRole('button', { name: /^Large/ }).waitFor();
      opening.push(await timeOf(() => openByClick(page)));
    }
    const { frames, blank } = await scroll(page);
    return [
      {
        name: `${count}: open, to the last picture on the screen`,
        value: percentile(opening, 0.5),
        unit: 'ms',
        ...(limit && { limit }),
      },
      { name: `${count}: scrolling, frame, median`, value: percentile(frames, 0.5), unit: 'ms' },
      { name: `${count}: scrolling, frame, 95th percentile`, value: percentile(frames, 0.95), unit: 'ms' },
      { name: `${count}: scrolling, frames with a row missing`, value: blank, unit: `of ${FRAMES}`, limit: 1 },
    ];
  });
}

/** A large project whose volumes all show the same small file, so that pictures can be made. */
function writePictures(directory: string, items: number): void {
  mkdirSync(directory, { recursive: true });
  writeLargeProject(directory, items);
  const file = join(directory, '..', 'shared.nii.gz');
  const values = Array.from({ length: SIDE * SIDE * SLICES }, (_, i) => (i * 7919) % 256);
  writeFileSync(file, gzipSync(niftiBytes({ dims: [SIDE, SIDE, SLICES], pixdim: [1, 1, 1, 1] }, values)));
  const { size, mtimeMs } = statSync(file);
  const project = Project.open(directory);
  project.database
    .prepare(
      'UPDATE sources SET relative_path = ?, absolute_path = ?, size = ?, modified = ?, checksum = ? WHERE number = 1',
    )
    .run('../shared.nii.gz', file, size, mtimeMs, crc32(readFileSync(file)));
  project.database.exec(
    `UPDATE volumes SET source = 1, phase_index = 0, width = ${SIDE}, height = ${SIDE}, low = 0, high = 255`,
  );
  project.close();
}

async function timeOf(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function openByClick(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Large/ }).click();
  await page.locator('.tile img').first().waitFor();
  await page.waitForFunction(() => {
    const pictures = [...document.querySelectorAll<HTMLImageElement>('.tile img')];
    const seen = pictures.filter((picture) => picture.getBoundingClientRect().top < window.innerHeight);
    return seen.length > 0 && seen.every(({ complete, naturalWidth }) => complete && naturalWidth > 0);
  });
}

/** Scrolls a little in every frame; a row is missing where there is none under the middle of a place that should have one. */
function scroll(page: Page): Promise<{ frames: number[]; blank: number }> {
  return page.evaluate(
    async ({ frames: count, speed }) => {
      const grid = document.querySelector<HTMLElement>('[role="grid"]')!;
      const { left, top, height } = grid.getBoundingClientRect();
      const frames: number[] = [];
      let blank = 0;
      let last = performance.now();
      for (let frame = 0; frame < count; frame++) {
        grid.scrollTop += speed;
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        frames.push(now - last);
        last = now;
        const isThere = [0.05, 0.35, 0.65, 0.95].every((share) =>
          document.elementFromPoint(left + 60, top + height * share)?.closest('[role="row"]'),
        );
        if (!isThere) blank += 1;
      }
      return { frames, blank };
    },
    { frames: FRAMES, speed: SPEED },
  );
}
