import { describe, expect, it } from 'vitest';
import {
  addRow,
  changeRow,
  chosenClasses,
  coloursOf,
  mergeRows,
  moveRow,
  problemOf,
  rowsOf,
  splitRow,
} from '../../src-renderer/views/import/class-rows.ts';
import { namesOfValues, valuesOfNames } from '../../src-renderer/views/import/mask-values.ts';

const names = (rows: ReturnType<typeof rowsOf>) => rows.map(({ name }) => name);

describe('the classes a person decides about', () => {
  it('are renamed, merged, left out and reordered, and keep their colours', () => {
    let rows = rowsOf(['RV', 'MYO', 'LV', 'fat']);
    rows = changeRow(rows, 1, { name: ' muscle ' });
    rows = mergeRows(rows, 0, 2);
    rows = changeRow(rows, 3, { kept: false });
    rows = moveRow(rows, 2, 0);
    expect(chosenClasses(rows)).toEqual([
      { name: 'LV', sources: ['LV', 'RV'], colour: '#cc79a7' },
      { name: 'muscle', sources: ['MYO'], colour: '#009e73' },
    ]);
  });

  it('come out of a merged one again, right below it', () => {
    const merged = mergeRows(rowsOf(['a', 'b', 'c']), 0, 1);
    const split = splitRow(merged, 1, 'a');
    expect(split.map(({ name, sources }) => [name, sources])).toEqual([
      ['b', ['b']],
      ['a', ['a']],
      ['c', ['c']],
    ]);
    expect(new Set(split.map(({ id }) => id)).size).toBe(3);
  });

  it('stay within the list when they are moved past its ends', () => {
    const rows = rowsOf(['a', 'b', 'c']);
    expect(names(moveRow(rows, 0, -1))).toEqual(['a', 'b', 'c']);
    expect(names(moveRow(rows, 0, 9))).toEqual(['b', 'c', 'a']);
  });

  it('need a name each, which no other that is kept has', () => {
    let rows = addRow(rowsOf(['a', 'b']), ' A ');
    expect(rows.map((row) => problemOf(rows, row))).toEqual(['twice', undefined, 'twice']);
    rows = changeRow(rows, 0, { kept: false });
    expect(rows.map((row) => problemOf(rows, row))).toEqual([undefined, undefined, undefined]);
    rows = changeRow(rows, 1, { name: ' ' });
    expect(problemOf(rows, rows[1]!)).toBe('unnamed');
  });

  it('take the usual colours, which differ, unless one is chosen', () => {
    const rows = changeRow(rowsOf(['a', 'b', 'LV']), 1, { colour: '#123456' });
    const colours = coloursOf(rows);
    expect(colours.slice(1)).toEqual(['#123456', '#cc79a7']);
    expect(new Set(colours).size).toBe(3);
  });
});

describe('names of mask values', () => {
  it('are read as a person writes them, and written back', () => {
    expect(namesOfValues('1=RV, 2 = left ventricle;255=fat')).toEqual({ 1: 'RV', 2: 'left ventricle', 255: 'fat' });
    expect(valuesOfNames({ 1: 'RV', 3: 'LV' })).toBe('1=RV, 3=LV');
  });

  it('are refused in any other form', () => {
    for (const text of ['RV=1', '1', '1=', '1:RV']) expect(namesOfValues(text), text).toBeUndefined();
  });
});
