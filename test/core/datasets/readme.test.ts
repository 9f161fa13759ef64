import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EXPORT_FORMAT_NAMES } from '../../../src-core/datasets/formats/export-formats.ts';
import { IMPORT_FORMATS } from '../../../src-core/datasets/import-formats.ts';

it.each([
  { title: 'What can be exported', names: EXPORT_FORMAT_NAMES },
  { title: 'What can be imported', names: Object.keys(IMPORT_FORMATS) },
])('the README names every format under "$title"', ({ title, names }) => {
  const text = readFileSync(join(import.meta.dirname, '../../../README.md'), 'utf8');
  const section = text.split(`### ${title}\n`)[1]!.split('\n#')[0]!;
  const named = [...section.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell]) =>
    [...cell!.split(':')[0]!.matchAll(/`([\w-]+)`/g)].map(([, name]) => name),
  );
  expect(named.sort()).toEqual([...names].sort());
});
