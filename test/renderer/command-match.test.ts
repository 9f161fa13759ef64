import { describe, expect, it } from 'vitest';
import { matchOf } from '../../src-renderer/views/frame/command-match.ts';

describe('what the palette of commands finds', () => {
  it('has every typed word in its title or group, those that begin with it first', () => {
    const titles = ['Copy from the slice above', 'Slice above', 'Show backslices', 'Save the audit trail as CSV'];
    const ranked = titles
      .map((title) => ({ title, match: matchOf('slice', title, 'Go') }))
      .filter(({ match }) => match > 0)
      .toSorted((a, b) => b.match - a.match)
      .map(({ title }) => title);
    expect(ranked).toEqual(['Slice above', 'Copy from the slice above', 'Show backslices']);
    expect(matchOf('slice copy', 'Copy from the slice above')).toBeGreaterThan(0);
    expect(matchOf('slice paste', 'Copy from the slice above')).toBe(0);
  });

  it('is found by its group after all that are found by their title, and everything before anything is typed', () => {
    expect(matchOf('readers', 'Save the audit trail', 'Readers')).toBeGreaterThan(0);
    expect(matchOf('readers', 'Save the audit trail', 'Readers')).toBeLessThan(
      matchOf('audit', 'Save the audit trail'),
    );
    expect(matchOf(' ', 'Save the audit trail')).toBe(1);
  });

  it('knows capitals and letters with marks', () => {
    expect(matchOf('ÜBER', 'Über dieses Programm')).toBe(1);
    expect(matchOf('切片', '上一切片')).toBeGreaterThan(0);
  });
});
