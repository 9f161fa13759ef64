import { describe, expect, it } from 'vitest';
import { rowsOfJson } from '../../../src-core/datasets/json-rows.ts';
import { detectColumns, labelNamesOf, readTagRows } from '../../../src-core/datasets/tag-table.ts';
import type { ScanOptions } from '../../../src-core/datasets/importer.ts';

function names(rows: string[][], columns: NonNullable<ScanOptions['columns']> = {}): string[] {
  const detected = detectColumns(rows, columns);
  if (typeof detected === 'string') throw new Error(detected);
  return labelNamesOf(rows, detected);
}
const present = (rows: string[][], classes: string[]) =>
  readTagRows('t.csv', rows, {}, classes, classes).rows.map((row) => [row.file, row.present]);

describe('tables of labels', () => {
  it('hold one label column, several, or several labels in a cell', () => {
    expect(
      present(
        [
          ['file', 'label'],
          ['a.png', 'cat'],
        ],
        ['cat', 'dog'],
      ),
    ).toEqual([['a.png', [1, 0]]]);
    expect(
      present(
        [
          ['file', 'label', 'label2'],
          ['a.png', 'dog', 'cat'],
          ['b.png', 'dog', ''],
        ],
        ['cat', 'dog'],
      ),
    ).toEqual([
      ['a.png', [1, 1]],
      ['b.png', [0, 1]],
    ]);
    expect(
      present(
        [
          ['image', 'tags'],
          ['a.png', 'dog; cat'],
        ],
        ['cat', 'dog'],
      ),
    ).toEqual([['a.png', [1, 1]]]);
  });

  it('may have rows longer than their headings', () => {
    expect(
      present(
        [
          ['file', 'label'],
          ['a.png', 'cat', 'dog'],
        ],
        ['cat', 'dog'],
      ),
    ).toEqual([['a.png', [1, 1]]]);
  });

  it('say "no class" by an empty cell or the word none', () => {
    expect(
      present(
        [
          ['file', 'label'],
          ['a.png', ''],
          ['b.png', 'None'],
        ],
        ['cat'],
      ),
    ).toEqual([
      ['a.png', [0]],
      ['b.png', [0]],
    ]);
  });

  it('may have a column of yes and no for each class', () => {
    const rows = [
      ['file', 'LV', 'RV'],
      ['a.png', '1', '0'],
      ['b.png', '0', '1'],
    ];
    expect(names(rows)).toEqual(['LV', 'RV']);
    expect(present(rows, ['LV', 'RV'])).toEqual([
      ['a.png', [1, 0]],
      ['b.png', [0, 1]],
    ]);
  });

  it('may have no headings', () => {
    expect(names([['a.png', 'cat'], ['b.png', 'dog', 'bird'], ['c.png']])).toEqual(['cat', 'dog', 'bird']);
  });

  it('name classes in order of appearance, alike in upper and lower case', () => {
    expect(
      names([
        ['file', 'label'],
        ['a', 'Dog'],
        ['b', 'cat'],
        ['c', 'dog'],
        ['d', 'none'],
      ]),
    ).toEqual(['Dog', 'cat']);
  });

  it('have columns that can be named by hand, and say which there are where the name is wrong', () => {
    const rows = [
      ['scan', 'what'],
      ['a.png', 'cat'],
    ];
    expect(detectColumns(rows, {})).toContain('no heading is known');
    expect(names(rows, { file: 'scan', labels: 'what' })).toEqual(['cat']);
    expect(detectColumns(rows, { file: 'photo' })).toBe('no column is called "photo"; there are scan, what');
  });

  it('refuse a row whose label is no class, by line', () => {
    const { rows, events } = readTagRows(
      't.csv',
      [
        ['file', 'label'],
        ['a.png', 'catt'],
        ['b.png', 'cat'],
      ],
      {},
      ['cat'],
      ['cat'],
    );
    expect(rows.map((row) => row.file)).toEqual(['b.png']);
    expect(events).toEqual([
      { kind: 'refused', file: 't.csv', expected: 'line 2 to name classes among cat or none', found: 'catt' },
    ]);
  });

  it('are made of JSON too', () => {
    expect(rowsOfJson({ 'a.png': ['cat', 'dog'], 'b.png': 'cat', 'c.png': [] })).toEqual([
      ['file', 'labels'],
      ['a.png', 'cat;dog'],
      ['b.png', 'cat'],
      ['c.png', ''],
    ]);
    expect(
      rowsOfJson([
        { file: 'a.png', labels: ['cat'] },
        { file: 'b.png', patient: 7 },
      ]),
    ).toEqual([
      ['file', 'labels', 'patient'],
      ['a.png', 'cat', ''],
      ['b.png', '', '7'],
    ]);
    expect(rowsOfJson(5)).toMatchObject({ kind: 'refused', found: 'number' });
  });
});
