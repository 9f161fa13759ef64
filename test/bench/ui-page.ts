// A page of the app on its real services, for measuring.
import { rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { serveStudio } from '../../src-main/hosts/serve/server.ts';
import { Studio } from '../../src-main/services/studio/studio.ts';
import { CHROMIUM, CHROMIUM_FLAGS } from '../support/chromium.ts';

/** One figure of the interface. */
export interface UiFigure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it has to stay below. */
  readonly limit?: number;
}

export interface BenchPage {
  readonly page: Page;
  readonly studio: Studio;
  /** Goes away with the page. */
  readonly folder: string;
}

/** Opens the app in Chromium, measures, and closes all. */
export async function withPage<Result>(measure: (bench: BenchPage) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'unia bench '));
  const studio = new Studio({ host: 'serve', home: join(folder, 'home'), projectsFolder: join(folder, 'projects') });
  const server = await serveStudio(studio);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(server.address);
    await page.getByRole('navigation', { name: 'Screens' }).waitFor();
    return await measure({ page, studio, folder });
  } finally {
    await browser.close();
    await server.close();
    await studio.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The value below which a share of the values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}
