// What holds for every format that the registry lists, whatever it writes.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { EXPORT_FORMAT_NAMES, EXPORT_FORMATS } from '../../../../src-core/datasets/formats/export-formats.ts';
import { presetNumbering } from '../../../../src-core/datasets/label-numbering.ts';
import { exportProject, type ExportOptions, type ExportSummary } from '../../../../src-main/services/export/export.ts';
import type { Project } from '../../../../src-main/services/project.ts';
import { programVersion } from '../../../../src-main/services/export/program-version.ts';
import { dicomProject, type DicomProject } from '../../../support/dicom-project.ts';
import { storeNetwork } from '../../../support/predicted-project.ts';
import { GEOMETRIES, HEART, volumeProject, type VolumeProject } from '../../../support/volume-project.ts';

interface Manifest {
  readonly labels: Readonly<Record<string, string>>;
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
}

let volumes: VolumeProject;
let dicom: DicomProject;
let network: string;
let exports = 0;
beforeAll(async () => {
  [volumes, dicom] = await Promise.all([volumeProject(GEOMETRIES.slice(0, 3)), dicomProject()]);
  network = await storeNetwork(volumes.project);
});
afterAll(() => Promise.all([volumes.remove(), dicom.remove()]));

const MASK_FORMATS = EXPORT_FORMAT_NAMES.filter((name) => EXPORT_FORMATS[name].needs !== 'run');
const ofDicom = (format: string): boolean => format === 'dicom-seg';

const projectFor = (format: string): Project => (ofDicom(format) ? dicom : volumes).project;

function newFolder(format: string): string {
  return join((ofDicom(format) ? dicom : volumes).folder, `rules ${++exports}`);
}

function write(
  format: string,
  options: Partial<ExportOptions> = {},
  ...rest: [Parameters<typeof exportProject>[2]?, AbortSignal?]
): Promise<ExportSummary> {
  return exportProject(projectFor(format), { format, directory: newFolder(format), ...options }, ...rest);
}

async function filesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) =>
      join(parentPath, name)
        .slice(directory.length + 1)
        .split(sep)
        .join('/'),
    )
    .sort();
}

async function contents(directory: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const path of await filesIn(directory)) {
    found[path] = createHash('sha256')
      .update(await readFile(join(directory, path)))
      .digest('hex');
  }
  return found;
}

describe.each(EXPORT_FORMAT_NAMES)('an export as %s', (format) => {
  let first: ExportSummary;
  beforeAll(async () => {
    first = await write(format);
  });

  it('lists on a dry run just the files that it writes, and writes none then', async () => {
    const dry = await write(format, { dryRun: true });
    expect(existsSync(dry.directory)).toBe(false);
    expect(dry.files.map(({ path }) => path)).toEqual(first.files.map(({ path }) => path));
    expect(await filesIn(first.directory)).toEqual([...first.files.map(({ path }) => path), 'manifest.json'].sort());
  });

  it('says in the manifest what was written: hash and size of each file, program, run and classes', async () => {
    const manifest = JSON.parse(await readFile(join(first.directory, 'manifest.json'), 'utf8')) as Manifest;
    const run = format === 'onnx' ? network : (ofDicom(format) ? dicom : volumes).run;
    const { classes } = projectFor(format);
    expect(manifest).toMatchObject({ ...programVersion(), kind: 'unia-export', format, run, classes });
    if (format !== 'onnx') expect(manifest.labels).toMatchObject({ 0: 'background', 1: 'RV', 2: 'MYO', 3: 'LV' });
    const { 'manifest.json': _, ...written } = await contents(first.directory);
    expect(Object.fromEntries(manifest.files.map(({ path, sha256 }) => [path, sha256]))).toEqual(written);
    for (const { path, bytes } of manifest.files) {
      expect((await stat(join(first.directory, path))).size).toBe(bytes);
    }
  });

  it('has the same bytes years later, and replaces an earlier export only when told to', async () => {
    const { directory } = first;
    const before = await contents(directory);
    await expect(write(format, { directory })).rejects.toThrow('is not empty');
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2031-02-03T04:05:06Z') });
    await write(format, { directory, overwrite: true }).finally(() => vi.useRealTimers());
    expect(await contents(directory)).toEqual(before);
    await writeFile(join(directory, 'mine.txt'), 'mine');
    await expect(write(format, { directory, overwrite: true })).rejects.toThrow('holds mine.txt');
    expect(Object.keys(await contents(directory)).sort()).toEqual([...Object.keys(before), 'mine.txt'].sort());
  });

  it('leaves nothing behind when it is cancelled after its first or its last file', async () => {
    const { folder } = ofDicom(format) ? dicom : volumes;
    const before = await readdir(folder);
    for (const at of ['first', 'last'] as const) {
      const stop = new AbortController();
      const stopped = write(
        format,
        {},
        (done, total) => done === (at === 'first' ? 1 : total) && stop.abort(),
        stop.signal,
      );
      await expect(stopped).rejects.toThrow(/abort/);
    }
    expect(await readdir(folder)).toEqual(before);
  });
});

describe.each(MASK_FORMATS)('masks as %s', (format) => {
  it('number classes by name: in ACDC’s order, or in that of M&Ms', async () => {
    const idsOf = async (preset: 'acdc' | 'mnms'): Promise<string> =>
      (await write(format, { dryRun: true, labels: presetNumbering(preset) })).notes[0]!;
    expect(await idsOf('acdc')).toMatch(/as asked: 0 background, 1 RV, 2 MYO, 3 LV;/);
    expect(await idsOf('mnms')).toMatch(/as asked: 0 background, 1 LV, 2 MYO, 3 RV;/);
  });

  it('are those of the states asked for; rejected and flagged ones only when asked', async () => {
    const project = projectFor(format);
    const [accepted, rejected, flagged] = project.items.map(({ id }) => id) as [string, string, string];
    project.setState(rejected, 'rejected');
    project.setState(flagged, 'flagged');
    project.setState(accepted, 'accepted');
    const count = async (states?: ExportOptions['states']): Promise<number> => {
      const { notes } = await write(format, { dryRun: true, ...(states && { states }) });
      return Number(/Masks: (\d+) segmentation/.exec(notes.join(' '))![1]);
    };
    try {
      expect(await count()).toBe(project.items.length - 2);
      expect(await count(['accepted'])).toBe(1);
      expect(await count(['rejected', 'flagged'])).toBe(2);
    } finally {
      for (const id of [accepted, rejected, flagged]) project.setState(id, 'pending');
    }
  });
});

it('M&Ms’ numbering turns 1 into 3 and 3 into 1 in every voxel', async () => {
  const { directory } = await write('nifti', { labels: presetNumbering('mnms') });
  const file = new Uint8Array(gunzipSync(await readFile(join(directory, 'p1_frame01_seg.nii.gz'))));
  const turned = [...HEART.data].map((label) => (label === 1 ? 3 : label === 3 ? 1 : label));
  expect([...file.subarray(-turned.length)]).toEqual(turned);
});

it.each(['coco', 'voc', 'yolo', 'cityscapes', 'hdf5', 'nnunet'])(
  'no patient is on two sides of a split as %s divides the images',
  async (format) => {
    const { directory } = await write(format);
    const text = async (path: string): Promise<string> => readFile(join(directory, path), 'utf8');
    const sides = new Map<string, Set<string>>();
    const note = (side: string, content: string): void => {
      for (const [patient] of content.matchAll(/\bp\d(?![a-z\d])/g)) {
        sides.set(patient, (sides.get(patient) ?? new Set()).add(side));
      }
    };
    for (const path of await filesIn(directory)) {
      const side = /\b(train|val|validation|test|imagesTr|imagesTs)\b/.exec(path)?.[1];
      if (side === undefined || path.includes('splits')) continue;
      note(side, /\.(txt|list|json)$/.test(path) ? await text(path) : path);
    }
    expect([...sides.keys()].sort()).toEqual(['p1', 'p2', 'p3']);
    for (const [patient, of] of sides)
      expect({ patient, sides: [...of] }).toEqual({ patient, sides: [expect.any(String)] });
  },
);
