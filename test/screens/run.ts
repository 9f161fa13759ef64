// `npm run screens -- --out DIR`: a picture of every screen in every state, both sizes, both themes, over the real server.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type Browser, type Page } from 'playwright-core';
import sharp from 'sharp';
import { CHROMIUM, CHROMIUM_FLAGS } from '../support/chromium.ts';
import { SCENES } from './scenes.ts';
import type { Scene } from './scene.ts';
import { openStage, type Stage } from './stage.ts';

const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 768 },
] as const;
const THEMES = ['dark', 'light'] as const;
/** Pictures in a row that may differ before the page counts as one that never rests. */
const MOST_LOOKS = 4;
const PATIENCE_MS = 30_000;
const DOCS = resolve(import.meta.dirname, '../../docs');

const { values: flags } = parseArgs({
  options: {
    out: { type: 'string' },
    /** Only scenes whose name holds this text. */
    only: { type: 'string' },
    /** Folder where made projects are kept for the next time. */
    projects: { type: 'string' },
    /** Only the large size dark and the small size light. */
    few: { type: 'boolean' },
    /** Writes the README's pictures into docs/ too. */
    readme: { type: 'boolean' },
  },
});

/** The page once it rests: its pictures loaded, nothing changing any more. */
async function pictureOf(page: Page): Promise<Buffer> {
  await page.evaluate(() => document.fonts.ready);
  await page.waitForFunction(() =>
    [...document.images].every(({ complete, loading }) => complete || loading === 'lazy'),
  );
  let last = await page.screenshot();
  for (let look = 1; look < MOST_LOOKS; look++) {
    const next = await page.screenshot();
    if (next.equals(last)) break;
    last = next;
  }
  return last;
}

async function shoot(browser: Browser, stage: Stage, scene: Scene, out: string): Promise<void> {
  const context = await browser.newContext({ viewport: SIZES[0], colorScheme: THEMES[0], reducedMotion: 'reduce' });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  try {
    await page.goto(stage.address);
    await page.getByRole('navigation', { name: 'Screens' }).waitFor();
    if (scene.at !== undefined) await page.evaluate((place) => (window.location.hash = place), scene.at);
    await scene.show?.(page, stage);
    for (const size of SIZES) {
      await page.setViewportSize(size);
      for (const theme of THEMES) {
        if (flags.few && (size === SIZES[0]) !== (theme === 'dark')) continue;
        await page.emulateMedia({ colorScheme: theme });
        await page.locator(`html[data-theme="${theme}"]`).waitFor();
        const picture = await pictureOf(page);
        await sharp(picture).toFile(join(out, `${scene.name}.${size.width}.${theme}.png`));
        if (flags.readme && scene.readme && size === SIZES[0] && theme === 'dark') {
          await sharp(picture).webp({ quality: 86, effort: 6 }).toFile(join(DOCS, scene.readme));
        }
      }
    }
  } finally {
    stage.thaw();
    await context.close();
  }
}

/** Says what went wrong, and goes on: one state that cannot be reached hides no other. */
async function run(): Promise<number> {
  if (flags.out === undefined) throw new Error('--out: expected the folder for the pictures');
  const out = resolve(flags.out);
  mkdirSync(out, { recursive: true });
  const kept = flags.projects ?? mkdtempSync(join(tmpdir(), 'UniA screens '));
  const wanted = SCENES.filter(({ name }) => name.includes(flags.only ?? ''));
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
  let failures = 0;
  for (const scenes of Map.groupBy(wanted, ({ name, project, isAlone }) => (isAlone ? name : project)).values()) {
    const { project } = scenes[0]!; // a group is never empty
    console.log(`project: ${project}`);
    const stage = await openStage(kept, project);
    for (const scene of scenes) {
      try {
        await shoot(browser, stage, scene, out);
        console.log(`  ${scene.name}`);
      } catch (error) {
        failures += 1;
        console.error(`  ${scene.name}:`, error);
      }
    }
    await stage.end();
  }
  await browser.close();
  if (flags.projects === undefined) rmSync(kept, { recursive: true, force: true });
  console.log(`${wanted.length - failures} of ${wanted.length} states are in ${out}`);
  return failures;
}

process.exitCode = (await run()) > 0 ? 1 : 0;
