import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GridRows } from '../../src-renderer/views/images/grid-rows.ts';

describe('the rows of the grid of images', () => {
  const groups = [
    { name: 'a', count: 5 },
    { name: 'b', count: 2 },
  ];

  it('stand under a heading for each group', () => {
    const rows = new GridRows(7, groups, 3);
    expect(Array.from({ length: rows.count }, (_, i) => rows.row(i))).toEqual([
      { kind: 'heading', group: groups[0], from: 0, to: 5 },
      { kind: 'tiles', from: 0, to: 3 },
      { kind: 'tiles', from: 3, to: 5 },
      { kind: 'heading', group: groups[1], from: 5, to: 7 },
      { kind: 'tiles', from: 5, to: 7 },
    ]);
  });

  it('have no headings without groups', () => {
    const rows = new GridRows(4, [], 3);
    expect([rows.count, rows.row(1)]).toEqual([2, { kind: 'tiles', from: 3, to: 4 }]);
    expect(new GridRows(0, [], 3).count).toBe(0);
  });

  it('are gone up and down in a column, over headings, to the last image of a shorter row', () => {
    const rows = new GridRows(7, groups, 3);
    expect([rows.beside(2, 1), rows.beside(4, 1), rows.beside(6, -1), rows.beside(6, 1), rows.beside(1, -1)]).toEqual([
      4, 6, 4, 6, 1,
    ]);
  });

  it('hold every image once, and find the row of each', () => {
    const counts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 7 }), (sizes, columns) => {
        const total = sizes.reduce((sum, count) => sum + count, 0);
        const rows = new GridRows(
          total,
          sizes.map((count, i) => ({ name: `${i}`, count })),
          columns,
        );
        const seen: number[] = [];
        for (let i = 0; i < rows.count; i++) {
          const row = rows.row(i);
          if (row.kind === 'heading') continue;
          for (let image = row.from; image < row.to; image++) {
            seen.push(image);
            expect(rows.rowOf(image)).toBe(i);
          }
        }
        expect(seen).toEqual(Array.from({ length: total }, (_, i) => i));
      }),
    );
  });
});
