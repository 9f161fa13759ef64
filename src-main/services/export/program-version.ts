import { readFileSync } from 'node:fs';
import { PROGRAM_ROOT } from '../../program-root.ts';

/** Name and version of this program, for files that others will read later. */
export function programVersion(): { readonly program: string; readonly version: string } {
  const text = readFileSync(new URL('package.json', PROGRAM_ROOT), 'utf8');
  const { name, version } = JSON.parse(text) as { name: string; version: string }; // our own file
  return { program: name, version };
}
