import fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { htmlReport } from '../../src-renderer/views/results/html-report.ts';
import { showCell, sortRows, toCsv, toTsv, type TableData } from '../../src-renderer/views/results/table-data.ts';

const table: TableData = {
  title: 'Classes',
  columns: [{ title: 'Class' }, { title: 'DSC', digits: 3 }, { title: 'HD95', digits: 1, unit: 'mm' }],
  rows: [
    ['LV', 0.91234, 2.25],
    ['RV', NaN, null],
  ],
};

describe('a table of results', () => {
  it('shows rounded numbers, and a dash where there is none', () => {
    const [row, missing] = table.rows;
    expect(table.columns.map((column, i) => showCell(row![i], column))).toEqual(['LV', '0.912', '2.3']);
    expect(table.columns.map((column, i) => showCell(missing![i], column))).toEqual(['RV', '–', '–']);
  });

  it('goes into CSV with full precision, units in the headings and missing values empty', () => {
    expect(toCsv(table)).toBe('Class,DSC,HD95 (mm)\r\nLV,0.91234,2.25\r\nRV,,\r\n');
    expect(toTsv(table)).toBe('Class\tDSC\tHD95 (mm)\nLV\t0.91234\t2.25\nRV\t\t\n');
  });

  it('comes back from CSV as it was, whatever names hold', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 2, maxLength: 2 }), (names) => {
        fc.pre(names.every((name) => !name.includes('\r')));
        const csv = toCsv({ title: '', columns: [{ title: 'a' }, { title: 'b' }], rows: [names] });
        expect(parse(csv)).toEqual([['a', 'b'], names]);
      }),
    );
  });

  it('sorts by size or name, missing values last whichever way', () => {
    const rows = [[3], [NaN], [10], [2]];
    expect(sortRows(rows, 0, false)).toEqual([[2], [3], [10], [NaN]]);
    expect(sortRows(rows, 0, true)).toEqual([[10], [3], [2], [NaN]]);
    expect(sortRows([['patient10'], ['patient2']], 0, false)).toEqual([['patient2'], ['patient10']]);
  });
});

describe('the report', () => {
  it('is one file that fetches nothing, and takes names as text', () => {
    const html = htmlReport({
      title: 'heart <img src=x onerror=alert(1)>',
      facts: ['run "001" & more'],
      tables: [table],
      pictures: [{ title: 'Risk', source: 'data:image/png;base64,AA==' }],
      notice: 'Research use only',
      language: 'en',
    });
    expect(html).not.toContain('<img src=x');
    expect(html).toContain('&lt;img src=x');
    expect(html).toContain(`default-src 'none'`);
    expect(html).toContain('<td class="n">0.912</td>');
    expect([...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address)).toEqual([
      'data:image/png;base64,AA==',
    ]);
  });
});
