// A predicted phantom for tests of the review screen, of which every test opens a copy of its own.
import { cpSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { Project } from '../../src-main/services/project.ts';
import { putInUse } from '../../src-main/services/run-in-use.ts';
import { closeBrowser, openPage, openStudio, type TestStudio } from './browser.ts';
import { phantomProject, storePredictions } from './predicted-project.ts';
import { canvasOf, waitForItem } from './review-canvas.ts';

/** Place of an item, and of one in the queue, whose slice shows every class. */
export const SHOWS_ALL = 1;

/** A copy of the project that is open. */
export interface OpenCopy extends TestStudio {
  /** In the order of the queue. */
  readonly items: readonly string[];
}

export interface ReviewProject {
  openCopy(): Promise<OpenCopy>;
  remove(): Promise<void>;
}

/** Two patients of two phases of three slices; the first item is the most uncertain one: .92, .85, .78 and so on. */
export async function reviewProject(size: { readonly side?: number } = {}): Promise<ReviewProject> {
  const { folder, directory } = await phantomProject({}, { patients: 2, ...size });
  const project = Project.open(directory);
  putInUse(project, await storePredictions(project));
  project.database.exec('UPDATE predictions SET score = 0.99 - 0.07 * item');
  project.close();
  let copies = 0;
  return {
    async openCopy() {
      // Beside the original, since images are found from there.
      const copy = join(folder, `copy ${++copies}`);
      cpSync(directory, copy, { recursive: true });
      const opened = await openStudio();
      opened.studio.openProject(copy);
      return { ...opened, items: opened.studio.project.items.map(({ id }) => id) };
    },
    remove: () => rm(folder, { recursive: true }),
  };
}

/** Such a project for the tests of the block that this is called in, and the browser closed after them. */
export function useReviewProject(size: { readonly side?: number } = {}): Pick<ReviewProject, 'openCopy'> {
  let project: ReviewProject;
  beforeAll(async () => {
    project = await reviewProject(size);
  });
  afterAll(async () => {
    await closeBrowser();
    await project.remove();
  });
  return { openCopy: () => project.openCopy() };
}

/** The review screen at an item of a copy. */
export async function openItem({ server, items }: OpenCopy, at: number): Promise<Page> {
  const page = await openPage(`${server.address}#/review?item=${items[at]!}`);
  await canvasOf(page).waitFor();
  await waitForItem(page, items[at]!);
  return page;
}
