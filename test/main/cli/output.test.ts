import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { endingOf, MisuseError } from '../../../src-main/cli/errors.ts';
import { duration, startProgress, table } from '../../../src-main/cli/output.ts';

describe('a table', () => {
  it('lines numbers up on the right, words on the left, and shows a missing value as a dash', () => {
    const text = table(
      ['class', 'DSC'],
      [
        ['LV', 0.84],
        ['myocardium', undefined],
      ],
    );
    expect(text).toBe('class        DSC\n----------  ----\nLV          0.84\nmyocardium     -');
  });
});

describe('a duration', () => {
  it.each([
    [0.4, '0 s'],
    [59.4, '59 s'],
    [185, '3 min 5 s'],
    [4350, '1 h 12 min'],
  ])('of %d seconds reads %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});

describe('progress without a terminal', () => {
  const lines: string[] = [];
  beforeEach(() => {
    lines.length = 0;
    vi.useFakeTimers({ toFake: ['performance'] });
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  it('writes a line about every ten seconds, with rate and remaining time', () => {
    const progress = startProgress('train', 100, 'steps');
    for (let step = 1; step <= 25; step += 1) {
      vi.advanceTimersByTime(1000);
      progress.update(step, 'loss 0.5');
    }
    progress.stop();
    expect(lines).toEqual([
      'train 10/100 steps  1.0/s, 1 min 30 s left  loss 0.5\n',
      'train 20/100 steps  1.0/s, 1 min 20 s left  loss 0.5\n',
      'train 25/100 steps  1.0/s, 1 min 15 s left  loss 0.5\n',
    ]);
  });

  it('does not count what an earlier process did into the rate', () => {
    const progress = startProgress('predict', 1000, 'images', 900);
    vi.advanceTimersByTime(10_000);
    progress.update(905);
    expect(lines).toEqual(['predict 905/1000 images  2.0 s each, 3 min 10 s left\n']);
  });
});

describe('the end of a failed command', () => {
  it('says an error and its causes in a row, none twice', () => {
    const cause = new Error('no such file: a.nii');
    const error = new Error('Cannot read patient 3.', { cause: new Error('header', { cause }) });
    expect(endingOf(error, false)).toEqual({
      text: expect.stringMatching(/Cannot read patient 3: header: no such file: a\.nii\n$/),
      exitCode: 1,
    });
    const repeated = new Error('full disk: x', { cause: new Error('full disk') });
    expect(endingOf(repeated, false).text).toMatch(/full disk: x\n$/);
  });

  it('is code 2 and a pointer to the help for misuse', () => {
    const { text, exitCode } = endingOf(new MisuseError('--a needs --b.'), false);
    expect(exitCode).toBe(2);
    expect(text).toContain('See "unia --help"');
  });

  it('survives things that are no errors', () => {
    expect(endingOf({ code: 7 }, false).text).toContain('{ code: 7 }');
  });
});
