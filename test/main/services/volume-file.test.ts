import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../../src-core/imaging/refusal.ts';
import { decodeVoxels } from '../../../src-core/imaging/voxels.ts';
import { importDataset } from '../../../src-main/services/import.ts';
import { openImageData } from '../../../src-main/services/image-data.ts';
import { Project } from '../../../src-main/services/project.ts';
import { openVolumeFile, type OpenVolumeFile } from '../../../src-main/services/volume-file.ts';
import { put, temporaryFolder } from '../../support/source-folders.ts';
import { BYTES, META_LINES, metaImage, nrrd, NRRD_LINES, VALUES } from '../../support/volume-bytes.ts';

/** Columns towards the feet, rows to the right, slices to the front; 2, 1.5 and 8 mm. */
const AFFINE = [
  [0, 1.5, 0, 10],
  [0, 0, 8, -20],
  [-2, 0, 0, 30],
];

async function opened(path: string): Promise<OpenVolumeFile> {
  const file = await openVolumeFile(path);
  if (isRefusal(file)) throw new Error(`expected ${file.expected}, found ${file.found}`);
  return file;
}

async function valuesOf(path: string, phase = 0): Promise<number[]> {
  const file = await opened(path);
  const bytes = await file.phase(phase);
  if (isRefusal(bytes)) throw new Error(`expected ${bytes.expected}, found ${bytes.found}`);
  return [...decodeVoxels(file.header, bytes)];
}

async function refusal(name: string, bytes: Uint8Array): Promise<string> {
  const file = await openVolumeFile(put(temporaryFolder(), name, bytes));
  const found = isRefusal(file) ? file : await file.phase(0);
  if (!isRefusal(found)) throw new Error('expected a refusal, got a volume');
  return `expected ${found.expected}, found ${found.found}`;
}

describe('a NRRD file', () => {
  it('gives the same voxels raw, gzipped, detached and in the other byte order', async () => {
    const folder = temporaryFolder();
    const swapped = Buffer.from(BYTES).swap16();
    put(folder, 'a.nrrd', nrrd([...NRRD_LINES, 'encoding: raw']));
    put(folder, 'b.nrrd', nrrd([...NRRD_LINES, 'encoding: gzip'], gzipSync(BYTES)));
    put(folder, 'c.nhdr', nrrd([...NRRD_LINES, 'encoding: raw', 'data file: c.raw', 'byte skip: -1'], Buffer.alloc(0)));
    put(folder, 'c.raw', Buffer.concat([Buffer.from('a header of another program'), BYTES]));
    const big = NRRD_LINES.map((line) => line.replace('little', 'big'));
    put(folder, 'd.nrrd', nrrd([...big, 'encoding: raw'], swapped));
    for (const name of ['a.nrrd', 'b.nrrd', 'c.nhdr', 'd.nrrd']) {
      expect(await valuesOf(join(folder, name)), name).toEqual(VALUES);
    }
    const { geometry } = (await opened(join(folder, 'a.nrrd'))).header;
    expect(geometry).toEqual({ affine: AFFINE, source: 'axes', spacing: { x: 2, y: 1.5, z: 8 } });
  });

  it('may hold all moments of a voxel together, as Slicer writes sequences', async () => {
    const lines = [
      'type: short',
      'dimension: 4',
      'sizes: 2 2 3 2',
      'kinds: list domain domain domain',
      'encoding: raw',
    ];
    const path = put(temporaryFolder(), 'cine.nrrd', nrrd(lines));
    expect((await opened(path)).header).toMatchObject({ width: 2, height: 3, slices: 2, phases: 2 });
    expect(await valuesOf(path, 1)).toEqual(VALUES.filter((_, at) => at % 2 === 1));
  });

  it('does not guess units', async () => {
    const lines = ['type: short', 'dimension: 3', 'sizes: 4 3 2', 'spacings: 1 1 8', 'encoding: raw'];
    const geometry = async (more: string[]) =>
      (await opened(put(temporaryFolder(), 'a.nrrd', nrrd([...lines, ...more])))).header.geometry;
    expect(await geometry([])).toMatchObject({ source: 'pixdim', spacing: null });
    expect(await geometry(['space units: "mm" "mm" "mm"'])).toMatchObject({ spacing: { x: 1, y: 1, z: 8 } });
  });

  it('is refused where it promises what it does not hold', async () => {
    expect(await refusal('a.nrrd', Buffer.from('NRRX0005\n\n'))).toContain('expected a NRRD header');
    expect(await refusal('a.nrrd', Buffer.from('NRRD0005\ntype: short\n'))).toContain(
      'expected an empty line after the header',
    );
    expect(await refusal('a.nrrd', nrrd([...NRRD_LINES, 'encoding: raw']).subarray(0, -5))).toContain(
      'the file is cut short',
    );
    expect(await refusal('a.nrrd', nrrd([...NRRD_LINES, 'encoding: bzip2']))).toBe(
      'expected raw or gzip encoding, found "bzip2"',
    );
    const huge = NRRD_LINES.map((line) => line.replace('4 3 2', '40000 40000 400'));
    expect(await refusal('a.nrrd', nrrd([...huge, 'encoding: gzip']))).toContain('a volume of less than 2 GiB');
    const large = NRRD_LINES.map((line) => line.replace('4 3 2', '4000 4000 40'));
    expect(await refusal('a.nrrd', nrrd([...large, 'encoding: gzip'], gzipSync(BYTES)))).toContain('compressed bytes');
    const more = gzipSync(Buffer.concat([BYTES, BYTES]));
    expect(await refusal('a.nrrd', nrrd([...NRRD_LINES, 'encoding: gzip'], more))).toContain('more than that');
    for (const outside of ['../secret.raw', '/etc/passwd', 'a/b.raw', '..']) {
      const lines = [...NRRD_LINES, 'encoding: raw', `data file: ${outside}`];
      expect(await refusal('a.nhdr', nrrd(lines, Buffer.alloc(0)))).toContain(
        'expected a data file in the same folder',
      );
    }
    const absent = [...NRRD_LINES, 'encoding: raw', 'data file: gone.raw'];
    expect(await refusal('a.nhdr', nrrd(absent, Buffer.alloc(0)))).toBe(
      'expected the data file gone.raw, found none of that name',
    );
  });
});

describe('a MetaImage file', () => {
  it('gives the same voxels raw, packed and detached', async () => {
    const folder = temporaryFolder();
    put(folder, 'a.mha', metaImage([...META_LINES, 'ElementDataFile = LOCAL']));
    put(
      folder,
      'b.mha',
      metaImage([...META_LINES, 'CompressedData = True', 'ElementDataFile = LOCAL'], deflateSync(BYTES)),
    );
    put(folder, 'c.mhd', metaImage([...META_LINES, 'ElementDataFile = c.raw'], Buffer.alloc(0)));
    put(folder, 'c.raw', BYTES);
    put(
      folder,
      'd.mhd',
      metaImage([...META_LINES, 'CompressedData = True', 'ElementDataFile = d.zraw'], Buffer.alloc(0)),
    );
    put(folder, 'd.zraw', deflateSync(BYTES));
    const msb = META_LINES.map((line) => line.replace('MSB = False', 'MSB = True'));
    put(folder, 'e.mha', metaImage([...msb, 'ElementDataFile = LOCAL'], Buffer.from(BYTES).swap16()));
    for (const name of ['a.mha', 'b.mha', 'c.mhd', 'd.mhd', 'e.mha']) {
      expect(await valuesOf(join(folder, name)), name).toEqual(VALUES);
      const { geometry } = (await opened(join(folder, name))).header;
      expect(geometry).toEqual({ affine: AFFINE, source: 'axes', spacing: { x: 2, y: 1.5, z: 8 } });
    }
  });

  it('is refused where it promises what it does not hold', async () => {
    expect(await refusal('a.mha', Buffer.from('hello there'))).toContain('expected lines of Key = value');
    expect(await refusal('a.mha', metaImage(META_LINES, Buffer.alloc(0)))).toContain('expected ElementDataFile');
    expect(await refusal('a.mha', metaImage([...META_LINES, 'ElementDataFile = LOCAL'], BYTES.subarray(9)))).toContain(
      'cut short',
    );
    expect(await refusal('a.mhd', metaImage([...META_LINES, 'ElementDataFile = ../c.raw'], BYTES))).toContain(
      'expected a data file in the same folder, found "../c.raw"',
    );
    expect(await refusal('a.mhd', metaImage([...META_LINES, 'ElementDataFile = LIST'], BYTES))).toContain('"LIST"');
    const vectors = [...META_LINES, 'ElementNumberOfChannels = 2', 'ElementDataFile = LOCAL'];
    expect(await refusal('a.mha', metaImage(vectors))).toContain('expected one channel, or three of MET_UCHAR');
  });
});

describe('import of NRRD and MetaImage', () => {
  it('pairs volumes with masks, names their values and keeps where they lie', async () => {
    const folder = temporaryFolder();
    const labels = Buffer.from(Int16Array.from(VALUES, (_, at) => (at < 12 ? at % 3 : 0)).buffer);
    put(folder, 's/heart.nrrd', nrrd([...NRRD_LINES, 'encoding: gzip'], gzipSync(BYTES)));
    put(folder, 's/heart-label.nrrd', nrrd([...NRRD_LINES, 'encoding: raw'], labels));
    const summary = await importDataset(join(folder, 's'), join(folder, 'p'), { masks: 'reviewed' });
    expect(summary).toMatchObject({ format: 'nrrd', classes: ['value 1', 'value 2'], volumes: 1, items: 2, masks: 1 });
    expect(summary.warnings[0]?.message).toBe(
      'nothing names the values of the masks; they are called value 1, value 2',
    );
    const project = Project.open(join(folder, 'p'), 'read');
    expect(project.volumes[0]).toMatchObject({ affine: AFFINE, truth: null, source: { kind: 'nrrd' } });
    const data = openImageData(project);
    expect(Array.from(await data.pixels('heart_z01'))).toEqual(VALUES.slice(12));
    expect([...(await data.reviewed('heart_z00'))!.data]).toEqual(VALUES.slice(0, 12).map((_, at) => at % 3));
    expect(project.state('heart_z01')).toBe('accepted');
    project.close();

    put(folder, 't/heart.mhd', metaImage([...META_LINES, 'ElementDataFile = heart.raw'], Buffer.alloc(0)));
    put(folder, 't/heart.raw', BYTES);
    expect(await importDataset(join(folder, 't'), join(folder, 'q'), { classes: ['LV'] })).toMatchObject({
      ...{ format: 'metaimage', volumes: 1, items: 2, masks: 0 },
    });
  });
});
