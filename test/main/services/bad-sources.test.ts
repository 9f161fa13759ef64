// Something wrong with one part of a source, for every importer: it is told by file and field, and the rest is imported whole.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importDataset } from '../../../src-main/services/import.ts';
import { IMPORTERS } from '../../../src-main/services/importers.ts';
import { Project } from '../../../src-main/services/project.ts';
import { IMPORTER_SOURCES } from '../../support/importer-sources.ts';
import { temporaryFolder } from '../../support/source-folders.ts';

const rows = IMPORTERS.map(({ format }) => ({ format, ...IMPORTER_SOURCES[format] }));

describe.each(rows)('import of $format', ({ format, write, items, flaws }) => {
  it('takes its whole source without a complaint', async () => {
    const folder = temporaryFolder();
    await write(join(folder, 's'));
    const summary = await importDataset(join(folder, 's'), join(folder, 'p'), { format });
    expect(summary).toMatchObject({ format, items, refused: [] });
  });

  it.each(flaws)('says so where $title', async ({ spoil, told, items: left }) => {
    const folder = temporaryFolder();
    await write(join(folder, 's'));
    spoil(join(folder, 's'));
    const summary = await importDataset(join(folder, 's'), join(folder, 'p'), { format });
    const refusals = summary.refused.map(
      ({ file, expected, found }) => `${file}: expected ${expected}, found ${found}`,
    );
    expect(refusals.join('\n')).toMatch(told);
    expect(summary.items).toBe(left);
    const project = Project.open(join(folder, 'p'), 'read');
    expect(project.items).toHaveLength(left);
    project.close();
  });
});

it('a source without anything usable leaves no project, and says why by file', async () => {
  const folder = temporaryFolder();
  await IMPORTER_SOURCES.nnunet.write(join(folder, 's'));
  writeFileSync(join(folder, 's', 'dataset.json'), '{"labels":');
  await expect(importDataset(join(folder, 's'), join(folder, 'p'), { format: 'nnunet' })).rejects.toThrow(
    /dataset\.json: expected intact JSON/,
  );
  expect(existsSync(join(folder, 'p'))).toBe(false);
  expect(readdirSync(folder)).toEqual(['s']);
});
