// A few broken files for every parser with each run of the tests; `npm run fuzz` sends thousands.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IMPORTERS } from '../../src-main/services/importers.ts';
import { attempt, brokenFile } from './target.ts';
import { GROUP_NAMES, targetsOf } from './targets/targets.ts';

const SEED = 4;
/** A scan of a folder takes longer than a parser by itself. */
const RUNS = 50;
const IMPORTER_RUNS = 30;

const groups = await Promise.all(GROUP_NAMES.map(targetsOf));
const targets = groups.flat();

let scratch = '';
const before = process.env['TMPDIR'];
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'unia fuzz '));
  // What the makers of valid files leave behind goes with the folder.
  process.env['TMPDIR'] = scratch;
});
afterAll(() => {
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
  rmSync(scratch, { recursive: true, force: true });
});

it('every importer has a parser to break', () => {
  const names = targets.map(({ name }) => name);
  for (const { format } of IMPORTERS) {
    expect(
      names.some((name) => name === `import ${format}` || name.startsWith(`import ${format},`)),
      format,
    ).toBe(true);
  }
  expect(new Set(names).size).toBe(names.length);
});

describe('broken files are taken or refused in words', () => {
  it.each(targets.map((target) => ({ target, name: target.name })))('$name', async ({ target, name }) => {
    const subjects = await target.prepare(mkdtempSync(join(scratch, 'work ')));
    for (const subject of subjects) {
      const whole = subject.repair?.(subject.bytes) ?? subject.bytes;
      expect(await attempt(subject, whole), `a valid file of ${name}`).toEqual({ kind: 'accepted' });
    }
    const runs = name.startsWith('import ') ? IMPORTER_RUNS : RUNS;
    for (let run = 0; run < runs; run += 1) {
      const { subject, bytes } = brokenFile(target, subjects, SEED, run);
      const outcome = await attempt(subject, bytes);
      expect(outcome.kind === 'crashed' ? outcome.error : '', `run ${run} of ${name}`).toBe('');
    }
  });
});
