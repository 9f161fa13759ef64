// One state of one screen, as data, and what scenes do to reach theirs.
import type { Locator, Page } from 'playwright-core';
import type { ProjectName } from './projects.ts';
import type { Stage } from './stage.ts';

export interface Scene {
  /** The screen, then the state; the file's name. */
  readonly name: string;
  readonly project: ProjectName;
  /** Place in the app; the first screen where it is left out. */
  readonly at?: string;
  /** Brings the page from its place to the state. */
  readonly show?: (page: Page, stage: Stage) => Promise<unknown>;
  /** On a stage of its own: what it begins or changes stays. */
  readonly isAlone?: true;
  /** Picture of the README that this is. */
  readonly readme?: string;
}

/** What is on the screen when a place has been reached, whatever its state. */
export function button(page: Page, name: string | RegExp): Locator {
  return page.getByRole('button', { name });
}

export async function press(page: Page, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}
