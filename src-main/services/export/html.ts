// Pieces of a page that stands alone: no script, nothing from elsewhere.

/** Text as HTML shows it. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => ENTITIES[letter]!);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A table, row by row; numbers to the right. A cell without a value is a dash. */
export function* htmlTable(
  head: readonly string[],
  rows: Iterable<readonly (string | number | null)[]>,
): Generator<string> {
  yield `<div class="table"><table><thead><tr>${head.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join('')}</tr></thead><tbody>\n`;
  for (const row of rows) yield `<tr>${row.map(htmlCell).join('')}</tr>\n`;
  yield '</tbody></table></div>\n';
}

function htmlCell(value: string | number | null, column: number): string {
  const text = value === null || (typeof value === 'number' && Number.isNaN(value)) ? '–' : escapeHtml(String(value));
  if (column === 0) return `<th scope="row">${text}</th>`;
  return typeof value === 'string' && !/^-?[\d.]+( %)?$/.test(value)
    ? `<td>${text}</td>`
    : `<td class="number">${text}</td>`;
}

/** Values from 0 to 1 as dots on a line, one line a name. */
export function dotStrips(rows: readonly { readonly name: string; readonly values: readonly number[] }[]): string {
  const [left, width, height] = [150, 560, 26];
  const place = (value: number): string => (left + value * width).toFixed(1);
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  const lines = rows.map(({ name, values }, row) => {
    const y = row * height + height / 2;
    const dots = values
      .filter((value) => !Number.isNaN(value))
      .map((value) => `<circle cx="${place(value)}" cy="${y}" r="4"/>`);
    return `<text class="name" x="${left - 12}" y="${y + 4}">${escapeHtml(name)}</text><path d="M${left} ${y}h${width}"/>${dots.join('')}`;
  });
  const bottom = rows.length * height;
  const labels = ticks.map((tick) => `<text class="tick" x="${place(tick)}" y="${bottom + 14}">${tick}</text>`);
  return `<svg viewBox="0 0 ${left + width + 20} ${bottom + 20}" role="img" aria-label="DSC of every case">${lines.join('')}${labels.join('')}</svg>\n`;
}

/** Head of a page: its styles are in it, and it can load nothing. */
export function pageHead(title: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
`;
}

export const PAGE_END = '</main>\n</body>\n</html>\n';

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --faint: #59636e; --line: #d4d9de; --back: #fff; --band: #f3f5f7; --dot: #0072b2; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8eb; --faint: #a2aab3; --line: #3a4149; --back: #16191d; --band: #1f242a; --dot: #56b4e9; }
}
@media print { :root { --ink: #000; --faint: #444; --line: #bbb; --back: #fff; --band: #fff; --dot: #0072b2; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1100px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { margin: 0 0 4px; font-size: 28px; line-height: 1.2; }
h2 { margin: 40px 0 8px; font-size: 20px; }
h3 { margin: 20px 0 4px; font-size: 15px; }
p { max-width: 76ch; margin: 4px 0 10px; }
.faint { color: var(--faint); }
.notice { padding: 8px 12px; border-left: 3px solid var(--line); background: var(--band); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 20px; margin: 12px 0; }
dt { color: var(--faint); }
dd { margin: 0; overflow-wrap: anywhere; }
.table { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 12px 4px 0; border-bottom: 1px solid var(--line); text-align: left; font-weight: normal; vertical-align: top; }
thead th { color: var(--faint); white-space: nowrap; }
tbody th { overflow-wrap: anywhere; }
.number { text-align: right; white-space: nowrap; }
tr { break-inside: avoid; }
.table + .table { margin-top: 16px; }
svg { display: block; width: 100%; max-width: 730px; margin: 8px 0; fill: var(--dot); font-size: 12px; }
svg circle { fill-opacity: .55; }
svg path { stroke: var(--line); }
svg text { fill: var(--ink); }
svg .name { text-anchor: end; }
svg .tick { fill: var(--faint); text-anchor: middle; }
details { margin: 10px 0; }
summary { cursor: pointer; }
pre { overflow-x: auto; padding: 12px; background: var(--band); font-size: 12px; }
`;
