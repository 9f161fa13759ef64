import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { decode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseNiftiHeader, type NiftiHeader } from '../../../src-core/imaging/nifti.ts';
import { isRefusal } from '../../../src-core/imaging/refusal.ts';
import { exportProject } from '../../../src-main/services/export/export.ts';
import { importDataset } from '../../../src-main/services/import.ts';
import { Project, REVIEWED } from '../../../src-main/services/project.ts';
import { niftiBytes } from '../../support/nifti-file.ts';

const [WIDTH, HEIGHT, SLICES, FRAMES] = [7, 6, 2, 3];
const SIZE = WIDTH * HEIGHT;
/** A shape that no flip or transposition leaves as it is. */
const LETTER_F = ['.......', '.####..', '.#.....', '.###...', '.#.....', '.#.....'].join('');
/** Bytes of a NIfTI-1 header that may differ: intent_code, dim[0], dim[4], datatype, bitpix, slope, intercept, cal. */
const CHANGED = new Set([68, 69, 40, 41, 48, 49, ...range(70, 74), ...range(112, 120), ...range(124, 132)]);

let folder: string;
let project: Project;
let run: string;
let original: Uint8Array;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unia export '));
  original = await writeCine(join(folder, 'cine'));
  await importDataset(join(folder, 'cine'), join(folder, 'project'), {
    classes: ['LV'],
    split: { kind: 'shares', test: 0, validation: 0, seed: 0 },
  });
  project = Project.open(join(folder, 'project'));
  run = project.createRun({});
  for (const { id } of project.items) project.writePrediction(run, id, canaryPrediction());
});
afterAll(async () => {
  project.close();
  await rm(folder, { recursive: true });
});

describe('NIfTI export', () => {
  it('keeps the header of a 4-D source byte for byte but for what the voxels are', async () => {
    const out = join(folder, 'nifti');
    const summary = await exportProject(project, { format: 'nifti', directory: out });
    expect((await readdir(out)).sort()).toEqual([
      ...['labels.json', 'manifest.json', 'p_frame01_seg.nii.gz', 'p_frame03_seg.nii.gz'],
    ]);
    expect(summary.notes[0]).toBe(
      'Label ids as in the masks that came with the images: 0 background, 3 LV; 255 is not decided.',
    );
    const { bytes, header } = await readNifti(join(out, 'p_frame03_seg.nii.gz'));
    const differing = range(0, header.voxelOffset).filter((at) => bytes[at] !== original[at]);
    expect(differing.length).toBeGreaterThan(0);
    expect(differing.filter((at) => !CHANGED.has(at))).toEqual([]);
    expect(header).toMatchObject({
      ...{ rank: 3, width: WIDTH, height: HEIGHT, slices: SLICES, phases: 1, voxelType: 'uint8', littleEndian: false },
      ...{ voxelOffset: 352 + 16, slope: 1, intercept: 0 },
    });
    expect(header.geometry.spacing).toEqual({ x: 1.5, y: 2.5, z: 8 });
  });

  it('writes every voxel where it is stored, under the id of the source masks', async () => {
    const { bytes, header } = await readNifti(join(folder, 'nifti', 'p_frame01_seg.nii.gz'));
    const voxels = [...bytes.subarray(header.voxelOffset)];
    const slice = [...LETTER_F].map((letter) => (letter === '#' ? 3 : 0));
    expect(voxels).toEqual([...slice, ...slice]);
    const labels: unknown = JSON.parse(await readFile(join(folder, 'nifti', 'labels.json'), 'utf8'));
    expect(labels).toEqual({ 0: 'background', 3: 'LV', 255: 'not decided' });
  });

  it('prefers reviewed masks, leaves rejected ones open and says both', async () => {
    const [first, second] = project.items;
    const reviewed = { width: WIDTH, height: HEIGHT, data: new Uint8Array(SIZE).fill(1) };
    project.writeLabelMap(first!.id, REVIEWED, reviewed);
    project.setState(first!.id, 'corrected');
    project.setState(second!.id, 'rejected');
    const out = join(folder, 'reviewed');
    const summary = await exportProject(project, { format: 'nifti', directory: out });
    expect(summary.notes).toContain('Masks: 1 reviewed, 2 segmentation.');
    expect(summary.notes).toContain('Left out by state: 1 rejected.');
    expect(summary.notes.join(' ')).toContain('Volumes that lack slices: 1; those slices are 255');
    const { bytes, header } = await readNifti(join(out, 'p_frame01_seg.nii.gz'));
    const voxels = bytes.subarray(header.voxelOffset);
    expect(new Set(voxels.subarray(0, SIZE))).toEqual(new Set([3]));
    expect(new Set(voxels.subarray(SIZE))).toEqual(new Set([255]));

    const approved = join(folder, 'approved');
    await exportProject(project, { format: 'nifti', directory: approved, states: ['accepted', 'corrected'] });
    expect(await readdir(approved)).not.toContain('p_frame03_seg.nii.gz');
    project.setState(first!.id, 'pending');
    project.setState(second!.id, 'pending');
  });

  it('writes all phases of a 4-D source as one 4-D file, 255 in those that are not exported', async () => {
    const out = join(folder, 'together');
    await exportProject(project, { format: 'nifti', directory: out, settings: { phases: 'together' } });
    expect(await readdir(out)).toContain('p_4d_seg.nii.gz');
    const { bytes, header } = await readNifti(join(out, 'p_4d_seg.nii.gz'));
    expect(header).toMatchObject({ rank: 4, phases: FRAMES, slices: SLICES, voxelType: 'uint8' });
    const kept = range(0, header.voxelOffset).filter((at) => bytes[at] !== original[at] && !CHANGED.has(at));
    expect(kept).toEqual([]);
    const phase = (index: number): number[] => {
      const start = header.voxelOffset + index * SLICES * SIZE;
      return [...bytes.subarray(start, start + SIZE)];
    };
    const letter = [...LETTER_F].map((pixel) => (pixel === '#' ? 3 : 0));
    expect([phase(0), phase(2)]).toEqual([letter, letter]);
    expect(new Set(phase(1))).toEqual(new Set([255]));
  });

  it('writes uncertainty as float32 in the same geometry', async () => {
    const out = join(folder, 'uncertain');
    await exportProject(project, { format: 'nifti', directory: out, settings: { uncertainty: true } });
    const { bytes, header } = await readNifti(join(out, 'p_frame01_uncertainty.nii.gz'));
    expect(header).toMatchObject({ voxelType: 'float32', width: WIDTH, slices: SLICES });
    const view = new DataView(bytes.buffer, bytes.byteOffset + header.voxelOffset);
    expect(view.getFloat32(4 * 5, false)).toBeCloseTo(5 / SIZE, 4);
  });
});

describe('PNG export', () => {
  it('writes indexed masks whose indices are the label ids, and 16-bit uncertainty', async () => {
    const out = join(folder, 'png');
    await exportProject(project, { format: 'png', directory: out, settings: { uncertainty: true } });
    const names = await readdir(out);
    expect(names).toHaveLength(4 + 4 + 2);
    const mask = decode(await readFile(join(out, 'p_frame01_z01.png')), { checkCrc: true });
    expect(mask).toMatchObject({ width: WIDTH, height: HEIGHT, depth: 8, channels: 1 });
    expect(mask.palette).toHaveLength(256);
    expect([...mask.data].map((id) => (id === 3 ? '#' : id === 0 ? '.' : '?')).join('')).toBe(LETTER_F);
    const map = decode(await readFile(join(out, 'p_frame01_z01_uncertainty.png')), { checkCrc: true });
    expect(map).toMatchObject({ width: WIDTH, height: HEIGHT, depth: 16, channels: 1 });
    expect(Math.abs(map.data[7]! - (65535 * 7) / SIZE)).toBeLessThanOrEqual(2);
  });
});

describe('label ids and pixels left open', () => {
  const voxelsOf = async (out: string): Promise<number[]> => {
    const { bytes, header } = await readNifti(join(out, 'p_frame01_seg.nii.gz'));
    return [...bytes.subarray(header.voxelOffset, header.voxelOffset + SIZE)];
  };

  it('are those asked for, by name', async () => {
    const out = join(folder, 'numbered');
    const summary = await exportProject(project, { format: 'nifti', directory: out, labels: { lv: 7 } });
    expect(summary.notes[0]).toBe('Label ids as asked: 0 background, 7 LV; 255 is not decided.');
    expect(await voxelsOf(out)).toEqual([...LETTER_F].map((letter) => (letter === '#' ? 7 : 0)));
    const refused = (labels: Record<string, number>) =>
      exportProject(project, { format: 'nifti', directory: join(folder, 'never'), labels });
    await expect(refused({ LV: 255 })).rejects.toThrow('labels: expected ids from 0 to 254, got LV=255');
    await expect(refused({ RV: 1 })).rejects.toThrow('labels: expected some of LV, got "RV"');
    await expect(refused({})).rejects.toThrow('got none for LV; LV=0 leaves it out');
    await expect(refused({ LV: 0 })).rejects.toThrow('at least one class');
  });

  it('are open where the run is unsure, or where nobody has looked, if that is asked', async () => {
    const out = join(folder, 'certain');
    await exportProject(project, { format: 'nifti', directory: out, ignore: 'uncertain', uncertainAbove: 0.25 });
    const expected = [...LETTER_F].map((letter, i) => (i / SIZE > 0.25 ? 255 : letter === '#' ? 3 : 0));
    expect(await voxelsOf(out)).toEqual(expected);
    const open = join(folder, 'open');
    const summary = await exportProject(project, { format: 'nifti', directory: open, ignore: 'unreviewed' });
    expect(summary.notes).toContain('Not decided: 4 images that nobody reviewed.');
    expect(new Set(await voxelsOf(open))).toEqual(new Set([255]));
  });
});

describe('any export', () => {
  it('lists every file with its hash, and gives the same bytes for the same project', async () => {
    const [first, second] = [join(folder, 'once'), join(folder, 'twice')];
    await exportProject(project, { format: 'nifti', directory: first, settings: { uncertainty: true } });
    await exportProject(project, { format: 'nifti', directory: second, settings: { uncertainty: true } });
    const names = await readdir(first);
    for (const name of names) expect(await readFile(join(second, name))).toEqual(await readFile(join(first, name)));
    const manifest = JSON.parse(await readFile(join(first, 'manifest.json'), 'utf8')) as {
      files: { path: string; sha256: string }[];
    };
    expect(manifest).toMatchObject({
      kind: 'unia-export',
      program: 'unia-studio',
      format: 'nifti',
      run,
      classes: ['LV'],
    });
    expect(JSON.stringify(manifest)).not.toContain(folder);
    expect(manifest.files.map(({ path }) => path).sort()).toEqual(
      names.filter((name) => name !== 'manifest.json').sort(),
    );
    for (const { path, sha256 } of manifest.files) {
      expect(
        createHash('sha256')
          .update(await readFile(join(first, path)))
          .digest('hex'),
      ).toBe(sha256);
    }
  });

  it('refuses options that its format has not, and values that do not fit', async () => {
    const request = { format: 'nifti', directory: join(folder, 'never') };
    await expect(exportProject(project, { ...request, settings: { batch: 2 } })).rejects.toThrow(
      'format nifti: no option is called "batch"; its options are phases, uncertainty',
    );
    await expect(exportProject(project, { ...request, settings: { uncertainty: 'yes' } })).rejects.toThrow(
      'uncertainty: expected true or false, got "yes"',
    );
  });

  it('replaces an earlier export when told to, and nothing else ever', async () => {
    const out = join(folder, 'again');
    const request = { format: 'png', directory: out };
    await exportProject(project, request);
    await expect(exportProject(project, request)).rejects.toThrow('is not empty');
    await exportProject(project, { ...request, format: 'nifti', overwrite: true });
    expect(await readdir(out)).not.toContain('p_frame01_z00.png');

    await writeFile(join(out, 'notes.txt'), 'mine');
    await expect(exportProject(project, { ...request, overwrite: true })).rejects.toThrow(
      'holds notes.txt, which no export wrote',
    );
    expect(await readFile(join(out, 'notes.txt'), 'utf8')).toBe('mine');
    const strange = join(folder, 'strange');
    await mkdir(strange);
    await writeFile(join(strange, 'thesis.txt'), 'mine');
    await expect(exportProject(project, { ...request, directory: strange, overwrite: true })).rejects.toThrow(
      'holds no earlier export',
    );
  });

  it('leaves nothing behind when it is stopped or fails half-way', async () => {
    const before = await readdir(folder);
    const stop = new AbortController();
    const stopped = exportProject(
      project,
      { format: 'png', directory: join(folder, 'stopped') },
      (done) => done === 2 && stop.abort(),
      stop.signal,
    );
    await expect(stopped).rejects.toThrow(/abort/);
    expect(await readdir(folder)).toEqual(before);

    const image = join(folder, 'cine', 'p', 'p_4d.nii');
    await writeFile(image, original.subarray(0, 400));
    const failed = exportProject(project, { format: 'nifti', directory: join(folder, 'failed') });
    await expect(failed).rejects.toThrow('has changed since it was imported');
    await writeFile(image, original);
    expect(await readdir(folder)).toEqual(before);
  });

  it('refuses a folder that holds the project or lies among its images', async () => {
    const request = { format: 'png', overwrite: true };
    await expect(exportProject(project, { ...request, directory: folder })).rejects.toThrow('which holds the project');
    await expect(exportProject(project, { ...request, directory: join(folder, 'cine', 'masks') })).rejects.toThrow(
      'sources are only read',
    );
  });

  it('says what there is where the wanted masks are missing', async () => {
    const request = { format: 'png', directory: join(folder, 'none') };
    await expect(exportProject(project, { ...request, source: 'p3' })).rejects.toThrow(
      `source p3: ${run} has stored segmentation`,
    );
    await expect(exportProject(project, { ...request, source: 'reviewed' })).rejects.toThrow('nothing to export');
    const { files, checks } = await exportProject(project, { ...request, source: 'reviewed', dryRun: true });
    expect(files).toEqual([]);
    expect(checks).toEqual([{ level: 'error', text: expect.stringMatching(/^nothing to export: of \d+ images/) }]);
    await expect(exportProject(project, { ...request, format: 'gif' })).rejects.toThrow('format: expected one of');
  });
});

function canaryPrediction() {
  const size = { width: WIDTH, height: HEIGHT };
  return {
    score: 0.5,
    labels: { segmentation: { ...size, data: Uint8Array.from(LETTER_F, (letter) => (letter === '#' ? 1 : 0)) } },
    values: { uncertainty: { ...size, data: Float32Array.from({ length: SIZE }, (_, i) => i / SIZE) } },
  };
}

/** One patient in the ACDC layout whose frames lie in a big-endian 4-D file with an extension; gives that file. */
async function writeCine(source: string): Promise<Uint8Array> {
  await mkdir(join(source, 'p'), { recursive: true });
  await writeFile(join(source, 'p', 'Info.cfg'), 'ED: 1\nES: 3\n');
  const geometry = {
    littleEndian: false,
    pixdim: [-1, 1.5, 2.5, 8, 0.04],
    qform: 1,
    sform: 2,
    quaternion: [0.36, 0.48, 0.64],
    offset: [-92, -118, 41],
    srow: [-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0],
  } as const;
  const voxels = Array.from({ length: SIZE * SLICES * FRAMES }, (_, i) => (i * 37) % 500);
  const dims = [WIDTH, HEIGHT, SLICES, FRAMES];
  const extension = Uint8Array.from({ length: 16 }, (_, i) => (i === 3 ? 16 : i));
  const cine = niftiBytes({ ...geometry, dims, slope: 2, intercept: -3, extension }, voxels);
  await writeFile(join(source, 'p', 'p_4d.nii'), cine);
  const mask = niftiBytes(
    { ...geometry, dims: dims.slice(0, 3), type: 'uint8' },
    Array.from({ length: SIZE * SLICES }, (_, i) => i % 4),
  );
  for (const frame of ['01', '03']) await writeFile(join(source, 'p', `p_frame${frame}_gt.nii`), mask);
  return cine;
}

async function readNifti(path: string): Promise<{ bytes: Uint8Array; header: NiftiHeader }> {
  const file = await readFile(path);
  expect([...file.subarray(4, 10)]).toEqual([0, 0, 0, 0, file[8], 255]); // no time, no system
  const bytes = new Uint8Array(gunzipSync(file));
  const header = parseNiftiHeader(bytes);
  if (isRefusal(header)) throw new Error(header.found);
  return { bytes, header };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
