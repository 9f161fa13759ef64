import { join } from 'node:path';
import { symlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { endingOf } from '../../../src-main/cli/errors.ts';
import { AdvisedError, type Advice } from '../../../src-main/services/advised-error.ts';
import { OutOfMemoryError } from '../../../src-main/services/memory-advice.ts';
import { put, temporaryFolder } from '../../support/source-folders.ts';
import { unia } from './command-line.ts';

const linesOf = (error: unknown): string[] => endingOf(error, false).text.trimEnd().split('\n').slice(1);

describe('an error that something can be done about', () => {
  it.each<[Advice, string]>([
    [{ kind: 'train', project: 'heart' }, 'Train with: unia train --project heart'],
    [{ kind: 'predict', project: 'heart' }, 'Predict with: unia predict --project heart'],
    [{ kind: 'predict', project: 'heart', run: 'run-002' }, 'Predict with: unia predict --project heart --run run-002'],
    [
      { kind: 'resume', project: 'heart', run: 'run-002' },
      'Train it on with: unia train --project heart --resume run-002',
    ],
  ])('is told with the option that does it, and names none itself: %o', (advice, line) => {
    const error = new AdvisedError('it cannot be done yet', advice);
    expect(error.message).not.toContain('--');
    expect(linesOf(error)).toEqual([line]);
    expect(linesOf(new Error('the export failed', { cause: error }))).toEqual([line]);
  });

  it('is told with the settings that fit into memory', () => {
    const error = new OutOfMemoryError('joint', { 'batch.images': '2', 'batch.windows': '4' });
    expect(linesOf(error)).toEqual(['Try with: --set batch.images=2 --set batch.windows=4']);
    expect(linesOf(new OutOfMemoryError('joint', {}))).toEqual([]);
  });

  it('is a folder without a project, of which nothing else is said than how to make one', async () => {
    const { code, stderr } = await unia(['train', '--project', temporaryFolder()]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/is no project: .*\nMake one with: unia import SOURCE --project DIR\n$/);
  });

  it('is a link that leads out of what is imported', async () => {
    const [source, outside] = [temporaryFolder(), temporaryFolder()];
    put(outside, 'scan.nii', new Uint8Array(400));
    symlinkSync(join(outside, 'scan.nii'), join(source, 'scan.nii'));
    const { code, stderr } = await unia(['import', source, '--project', join(source, '..', 'never')]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /found a link that leads out of it\nLinks that lead out are followed with: --follow-links\n$/,
    );
  });
});
