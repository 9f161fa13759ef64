// Tables of a source that may hold tags, for a person to choose from.
import type { TableFound } from '../../../src-core/contract/import.ts';
import type { DatasetFiles } from '../../../src-core/datasets/importer.ts';
import { isRefusal } from '../../../src-core/imaging/refusal.ts';

const TABLE = /\.(?:csv|tsv|json)$/i;
/** Tables shown, and how large they may be to be looked into: others are no tables of tags. */
const MOST_TABLES = 20;
const MOST_BYTES = 64 * 2 ** 20;

/** Tables that can be read as rows, those at the top first, with their first row. */
export async function findTables(files: DatasetFiles): Promise<TableFound[]> {
  const depth = (path: string): number => path.split('/').length;
  const candidates = (await files.list())
    .filter(({ path, size }) => TABLE.test(path) && size <= MOST_BYTES)
    .sort((a, b) => depth(a.path) - depth(b.path))
    .slice(0, MOST_TABLES);
  const found: TableFound[] = [];
  for (const { path } of candidates) {
    const rows = await files.readRows(path);
    const [headings] = isRefusal(rows) ? [] : rows;
    if (headings && headings.length > 1) found.push({ path, headings });
  }
  return found;
}
