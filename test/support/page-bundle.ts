// Runs a module of ours in a real browser without the rest of the app.
import { build } from 'vite';
import { onTestFinished } from 'vitest';
import type { Page } from 'playwright-core';
import { launchBrowser } from './browser.ts';

/** An empty page on which a module has run. */
export async function pageWith(module: string): Promise<Page> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, lib: { entry: module, formats: ['iife'], name: 'module' } },
  });
  // A library build of one format gives one output of one chunk.
  const [chunk] = (built as { output: { code: string }[] }[])[0]!.output;
  const page = await (await launchBrowser()).newPage();
  onTestFinished(() => page.close());
  await page.evaluate(chunk!.code);
  return page;
}
