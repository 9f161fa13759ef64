// Real data beside the project, where a machine has it; see its README for what it is and may be used for. Never copied.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const DATA = process.env['UNIA_DATA'] ?? join(import.meta.dirname, '../../../shared/data');

/** Folder of a data set: where it is, or why it is not, which is printed. */
export function realData(name: 'acdc' | 'dicom' | 'sunnybrook'): {
  readonly folder: string;
  readonly missing: string | undefined;
} {
  const folder = join(DATA, name);
  if (existsSync(folder)) return { folder, missing: undefined };
  const missing = `${folder} is not there; UNIA_DATA names the folder of the data`;
  console.warn(`skipped: real data ${name}: ${missing}`);
  return { folder, missing };
}
