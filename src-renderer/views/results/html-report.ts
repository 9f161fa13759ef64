// One file that opens anywhere: tables, and pictures as data, with the research notice. Nothing in it is fetched.
import { showCell, type TableData } from './table-data.ts';

export interface ReportPicture {
  readonly title: string;
  /** `data:` address. */
  readonly source: string;
}

export interface ReportContent {
  readonly title: string;
  /** What was measured, how and when, line by line. */
  readonly facts: readonly string[];
  readonly tables: readonly TableData[];
  readonly pictures: readonly ReportPicture[];
  readonly notice: string;
  readonly language: string;
}

const STYLE = `body{font:14px/1.5 system-ui,sans-serif;margin:32px auto;max-width:1100px;padding:0 24px;color:#1a1a1a}
h1{font-size:22px}h2{font-size:16px;margin:28px 0 6px}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:4px 10px;border-bottom:1px solid #ddd;text-align:left}td.n,th.n{text-align:right}th{color:#555;font-weight:500}
.note,.facts{color:#555}.notice{color:#8a4b00;border:1px solid #e4c9a4;border-radius:6px;padding:8px 12px}img{max-width:100%}`;

export function htmlReport({ title, facts, tables, pictures, notice, language }: ReportContent): string {
  const body = [
    `<h1>${text(title)}</h1>`,
    `<p class="notice">${text(notice)}</p>`,
    `<p class="facts">${facts.map(text).join('<br>')}</p>`,
    ...tables.map(tableOf),
    ...pictures.map(
      ({ title: name, source }) => `<h2>${text(name)}</h2><img alt="${text(name)}" src="${text(source)}">`,
    ),
  ];
  return `<!doctype html>
<html lang="${text(language)}"><head><meta charset="utf-8"><title>${text(title)}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<style>${STYLE}</style></head><body>
${body.join('\n')}
</body></html>
`;
}

function tableOf({ title, columns, rows, note }: TableData): string {
  const kind = (i: number): string => (columns[i]?.digits === undefined ? '' : ' class="n"');
  const heads = columns.map(
    ({ title: head, unit }, i) => `<th${kind(i)}>${text(unit ? `${head} (${unit})` : head)}</th>`,
  );
  const lines = rows.map(
    (row) => `<tr>${columns.map((column, i) => `<td${kind(i)}>${text(showCell(row[i], column))}</td>`).join('')}</tr>`,
  );
  const foot = note ? `<p class="note">${text(note)}</p>` : '';
  return `<h2>${text(title)}</h2><table><thead><tr>${heads.join('')}</tr></thead><tbody>${lines.join('')}</tbody></table>${foot}`;
}

/** Names in a project may hold anything; in the report they are text. */
function text(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
