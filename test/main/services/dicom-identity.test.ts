// Who the patients of DICOM files are stays in those files: it is looked for in all that the program writes.
import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IdentityCount } from '../../../src-core/datasets/dicom-identity.ts';
import { EXPORT_FORMATS } from '../../../src-core/datasets/formats/export-formats.ts';
import { scanSource } from '../../../src-main/services/import.ts';
import { Project } from '../../../src-main/services/project.ts';
import { unia } from '../cli/command-line.ts';
import { sopInstance } from '../../support/dicom-bytes.ts';
import { dicomProject, type DicomProject } from '../../support/dicom-project.ts';

/** Name, number, birth date, institution, and the date of the examination. */
const SECRETS = ['SECRETNAME', 'SECRETID', '19700203', 'SECRET HOSPITAL', '20240131'];

let built: DicomProject;
let said = '';
beforeAll(async () => {
  built = await dicomProject();
  const project = join(built.folder, 'by command');
  const imported = await unia(['import', built.source, '--project', project, '--classes', 'LV', '--json']);
  const refused = await unia(['import', built.source, '--project', project]);
  const wrong = await unia(['import', built.source, '--project', join(built.folder, 'no'), '--format', 'nifti'], {
    UNIA_DEBUG: '1',
  });
  said = [imported, refused, wrong].map(({ stdout, stderr }) => stdout + stderr).join('\n');
  expect([imported.code, refused.code, wrong.code]).toEqual([0, 1, 1]);
}, 60_000);
afterAll(() => built.remove());

/** Places that hold a secret, in files below a folder, packed ones unpacked. */
function leaks(folder: string): string[] {
  const found: string[] = [];
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name);
    if (!statSync(path).isFile()) continue;
    const bytes = readFileSync(path);
    const text = [bytes, ...unpacked(bytes)].map((each) => `${each.toString('latin1')}${each.toString('utf16le')}`);
    for (const secret of SECRETS) if (`${name}${text.join('')}`.includes(secret)) found.push(`${secret} in ${name}`);
  }
  return found;
}

function unpacked(bytes: Buffer): Buffer[] {
  for (const unpack of [gunzipSync, inflateSync]) {
    try {
      return [unpack(bytes)];
    } catch {
      // Not packed in this way.
    }
  }
  return [];
}

describe('whose images they are', () => {
  it('is in no file of the project', () => {
    built.project.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    expect(leaks(join(built.folder, 'project'))).toEqual([]);
    expect(leaks(join(built.folder, 'by command'))).toEqual([]);
    // The search itself finds them where they are.
    expect(leaks(built.source).length).toBeGreaterThanOrEqual(4);
    for (const name of readdirSync(join(built.folder, 'project'))) {
      if (!name.endsWith('.db')) continue;
      expect(readFileSync(join(built.folder, 'project', name)).includes(sopInstance('P1', 1, 1))).toBe(false);
    }
  });

  it('is in nothing that the command line prints, errors among it', () => {
    expect(said).toContain('PatientBirthDate');
    for (const secret of SECRETS) expect(said).not.toContain(secret);
  });

  it.each(Object.keys(EXPORT_FORMATS).filter((format) => format !== 'onnx'))('is in no file of %s', async (format) => {
    const { directory, summary } = await built.export({ format });
    expect(summary.files.length).toBeGreaterThan(0);
    expect(leaks(directory)).toEqual([]);
  });

  it('is kept where a person asks for it: the number as the name of the patient, nothing else', async () => {
    const target = join(built.folder, 'kept');
    const { code } = await unia([
      ...['import', built.source, '--project', target, '--classes', 'LV', '--keep-identity'],
    ]);
    expect(code).toBe(0);
    const project = Project.open(target, 'read');
    expect(project.items[0]?.group).toBe('SECRETID-P1');
    project.close();
    expect(new Set(leaks(target).map((leak) => leak.split(' in ')[0]))).toEqual(new Set(['SECRETID']));
  });
});

describe('names in paths', () => {
  it('are counted in the name of the chosen folder too, and said', async () => {
    const source = join(built.folder, 'Secretname P1');
    cpSync(built.source, source, { recursive: true });
    const { summary } = await scanSource(source);
    expect(summary.privacy).toMatchObject({ inPaths: 6, patients: 'numbered' });
    expect((await scanSource(built.source)).summary.privacy).toMatchObject({ inPaths: 0 });
  });

  const dataset = (name: string, id: string) => ({
    '00100010': { vr: 'PN', Value: [name] },
    '00100020': { vr: 'LO', Value: [id] },
  });
  it.each([
    ['Miller_Ann/IM1', 'MILLER^ANN', '12345', 1],
    ['cd 12-345/IM1', 'MILLER^ANN', '12345', 1],
    ['scanner/IM1', 'MILLER^ANN', '12345', 0],
    ['anonymous/IM1', 'ANONYMOUS', 'anon', 0],
    ['series 12/IM1', 'LI^X', '12', 0],
    ['Übelacker/IM1', 'Übelacker^Änne', '', 1],
  ])('are counted: %s of %s, number "%s"', (path, name, id, expected) => {
    const count = new IdentityCount();
    count.take(path, dataset(name, id), false);
    expect(count.summary(false).inPaths).toBe(expected);
  });
});
