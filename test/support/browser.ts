// A real browser on a real server, for tests that act as a person would.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { serveStudio, type StudioServer } from '../../src-main/hosts/serve/server.ts';
import { Studio, type StudioOptions } from '../../src-main/services/studio/studio.ts';
import { CHROMIUM, CHROMIUM_FLAGS } from './chromium.ts';
import { temporaryFolder } from './source-folders.ts';

/** Why tests in a browser cannot run here; undefined where they can. */
export const noBrowser = existsSync(CHROMIUM) ? undefined : `no browser at ${CHROMIUM}: apt-get install chromium`;
if (noBrowser) console.warn(`skipped: ${noBrowser}`);

/** A studio with a home of its own, and its server. */
export interface TestStudio {
  readonly studio: Studio;
  readonly server: StudioServer;
  readonly folder: string;
}

/** Serves a studio until the test ends. */
export async function openStudio(
  folder = temporaryFolder(),
  options: Pick<StudioOptions, 'workers'> = {},
): Promise<TestStudio> {
  const studio = new Studio({
    host: 'serve',
    home: join(folder, 'home'),
    projectsFolder: join(folder, 'projects'),
    ...options,
  });
  const server = await serveStudio(studio);
  onTestFinished(async () => {
    await server.close();
    await studio.close();
  });
  return { studio, server, folder };
}

let browser: Promise<Browser> | undefined;

/** Starts a browser that the tests of a file share; close it with `closeBrowser` after them. */
export function launchBrowser(): Promise<Browser> {
  browser ??= chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
  return browser;
}

export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}

/** A page of the app, whose console errors fail the test unless they are expected. */
export async function openPage(
  address: string,
  size = { width: 1440, height: 900 },
  expected: readonly RegExp[] = [],
): Promise<Page> {
  const context = await (await launchBrowser()).newContext({ viewport: size });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() === 'error' && !expected.some((each) => each.test(text))) problems.push(text);
  });
  onTestFinished(async () => {
    await context.close();
    if (problems.length > 0) throw new Error(`the page reported: ${problems.join('; ')}`);
  });
  await page.goto(address);
  return page;
}
