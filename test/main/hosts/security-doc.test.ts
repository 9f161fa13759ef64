// docs/security.md says which test shows each rule; this holds it to its word.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');

it('every line of the security document names a test that is there', () => {
  const document = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');
  const rules = [...document.matchAll(/^\|(.+)\| `(test\/[^`]+)` › (.+?) +\|$/gm)];
  const rows = [...document.matchAll(/^\|(?! *(?:Rule|-)).+\|$/gm)];
  expect(rules.length).toBe(rows.length);
  const missing = rules.filter(([, , file, name]) => {
    const path = join(ROOT, file!);
    return !existsSync(path) || !readFileSync(path, 'utf8').includes(name!);
  });
  expect(missing.map(([, , file, name]) => `${file} › ${name}`)).toEqual([]);
});
