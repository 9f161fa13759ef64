// Every file of a small export of each format, against what test/fixtures/formats says it is: texts byte for byte, binary files
// decoded. `npx vitest run golden-files -u` writes the fixtures anew; read the difference before you commit it.
import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXPORT_FORMAT_NAMES, type ExportFormatName } from '../../../../src-core/datasets/formats/export-formats.ts';
import { programVersion } from '../../../../src-main/services/export/program-version.ts';
import { dicomProject, type DicomProject } from '../../../support/dicom-project.ts';
import { maskProject, MASKS, type MaskProject } from '../../../support/mask-project.ts';
import { showFile } from '../../../support/show-file.ts';
import { stackProject } from '../../../support/stack-project.ts';
import { GEOMETRIES, HEART } from '../../../support/volume-project.ts';

const OF_STACKS: readonly ExportFormatName[] = ['nifti', 'nnunet', 'mitk', 'hdf5'];
const GOLDEN = EXPORT_FORMAT_NAMES.filter((name) => name !== 'onnx'); // weights are nothing to read

let pictures: MaskProject;
let stacks: MaskProject;
let series: DicomProject;
beforeAll(async () => {
  const drawn = GEOMETRIES.slice(0, 3).map((geometry) => ({ geometry, masks: [HEART] }));
  [pictures, stacks, series] = await Promise.all([
    maskProject(MASKS, { reviewed: { 0: 'corrected', 2: 'accepted' } }),
    stackProject(drawn, ['RV', 'MYO', 'LV']),
    dicomProject(2, 1),
  ]);
});
afterAll(() => Promise.all([pictures.remove(), stacks.remove(), series.remove()]));

/**
 * All files of a folder, one after another. Of the manifest not the hashes, which other tests hold against the files; no times at
 * which the masks were made, and what is made of them.
 */
async function showFolder(directory: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const shown: string[] = [];
  for (const path of paths.sort()) {
    const name = path
      .slice(directory.length + 1)
      .split(sep)
      .join('/');
    shown.push(`===== ${name}`, await showFile(path));
  }
  return `${shown.join('\n')}\n`
    .replaceAll(/^ +"(?:sha256|bytes)": .*\n/gm, '')
    .replaceAll(programVersion().version, 'VERSION')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/ (DA|TM) \d{6,8}$/gm, ' $1 TIME')
    .replaceAll(/2\.25\.\d+/g, '2.25.UID');
}

describe('a small export', () => {
  it.each(GOLDEN)('as %s is what its golden file shows', async (format) => {
    const built = format === 'dicom-seg' ? series : OF_STACKS.includes(format) ? stacks : pictures;
    const { directory } = await built.export({ format });
    await expect(await showFolder(directory)).toMatchFileSnapshot(
      join(import.meta.dirname, `../../../fixtures/formats/${format}.txt`),
    );
  });
});
