// Image files of several pages, and depths beyond 8 bits.
import { join } from 'node:path';
import { encode } from 'fast-png';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { exportProject } from '../../../src-main/services/export/export.ts';
import { openImageData } from '../../../src-main/services/image-data.ts';
import { importDataset, scanSource, type ImportOptions } from '../../../src-main/services/import.ts';
import { Project, REVIEWED } from '../../../src-main/services/project.ts';
import { put, temporaryFolder } from '../../support/source-folders.ts';
import { tiffBytes, type TiffPage } from '../../support/tiff-bytes.ts';

const WIDTH = 3;
const values16 = (page: number): number[] => [0, 1, 2, 40_000, 50_000, 1000 * page];
const stack = (pages: number): Buffer =>
  tiffBytes(
    Array.from({ length: pages }, (_, page) => ({ width: WIDTH, values: Uint16Array.from(values16(page + 1)) })),
  );
const maskPage = (...values: readonly number[]): TiffPage => ({ width: WIDTH, values: Uint8Array.from(values) });

async function imported(folder: string, options: ImportOptions = {}) {
  const summary = await importDataset(join(folder, 's'), join(folder, 'p'), { masks: 'reviewed', ...options });
  const project = Project.open(join(folder, 'p'));
  const masks = project.items.map(({ id }) => project.readLabelMap(id, REVIEWED)?.data);
  return { summary, project, masks: masks.map((mask) => mask && [...mask]) };
}

/** Frames of one grey each, as an animation. */
async function animation(greys: readonly number[], format: 'gif' | 'webp'): Promise<Buffer> {
  const frames = greys.map((grey) =>
    sharp({ create: { width: 4, height: 2, channels: 3, background: { r: grey, g: grey, b: grey } } })
      .png()
      .toBuffer(),
  );
  const joined = sharp(await Promise.all(frames), { join: { animated: true } });
  return (format === 'gif' ? joined.gif({ delay: 40 }) : joined.webp({ lossless: true, delay: 40 })).toBuffer();
}

describe('import of TIFF stacks', () => {
  it('takes pages as slices of one volume, masks and all, at full depth', async () => {
    const folder = temporaryFolder();
    put(folder, 's/images/heart.tif', stack(3));
    const pages = [maskPage(0, 1, 0, 0, 0, 0), maskPage(0, 0, 0, 0, 0, 0), maskPage(0, 0, 0, 0, 2, 2)];
    put(folder, 's/masks/heart.tif', tiffBytes(pages));
    const { summary, project, masks } = await imported(folder);
    expect(summary).toMatchObject({ format: 'images', patients: 1, volumes: 1, items: 3, masks: 1, refused: [] });
    expect(summary.why).toBe('1 image with 1 mask in masks/ of 2 files, 0 tables');
    expect(masks).toEqual(pages.map(({ values }) => [...values]));
    expect(project.tags().map(({ present }) => present)).toEqual([
      [1, 0],
      [0, 0],
      [0, 1],
    ]);
    const data = openImageData(project);
    for (const [page, { id, slice }] of project.items.entries()) {
      expect([slice, [...Array.from(await data.pixels(id))]]).toEqual([page, values16(page + 1)]);
    }
    const { files } = await exportProject(project, { format: 'nifti', directory: join(folder, 'out') });
    expect(files.map(({ path }) => path)).toContain('images/heart.tif_seg.nii.gz');
    project.close();
  });

  it('takes tags of single pages from a table', async () => {
    const folder = temporaryFolder();
    put(folder, 's/heart.tif', stack(3));
    put(folder, 's/tags.csv', 'file,slice,labels\nheart.tif,0,LV\nheart.tif,0,RV\nheart.tif,2,none\n');
    const { summary, events } = await scanSource(join(folder, 's'));
    expect(summary).toMatchObject({ classes: ['LV', 'RV'], items: 3, tags: 2, refused: [], warnings: [] });
    const [volume] = events.flatMap((event) => (event.kind === 'volume' ? [event.volume] : []));
    expect(volume?.items.map(({ tags }) => tags[0]?.present)).toEqual([[1, 1], undefined, [0, 0]]);
  });

  it('leaves out a tag of the whole file, which says nothing of its pages', async () => {
    const folder = temporaryFolder();
    put(folder, 's/LV/heart.tif', stack(2));
    const { summary } = await scanSource(join(folder, 's'));
    expect(summary).toMatchObject({ items: 2, tags: 0 });
    expect(summary.warnings).toContainEqual({
      file: 'LV/heart.tif',
      message: 'a tag of the whole file says nothing about any of its 2 pages; it is left out',
    });
  });

  it('refuses a mask of fewer pages and a page of another size, by name', async () => {
    const folder = temporaryFolder();
    put(folder, 's/a.tif', stack(3));
    put(folder, 's/a_mask.tif', tiffBytes([maskPage(0, 1, 0, 0, 0, 0)]));
    const page = { width: WIDTH, values: Uint8Array.from([1, 2, 3]) };
    put(folder, 's/b.tif', tiffBytes([page, { ...page, values: Uint8Array.from([1, 2, 3, 4, 5, 6]) }, page]));
    const { summary } = await scanSource(join(folder, 's'));
    expect(summary).toMatchObject({ volumes: 2, items: 5, masks: 0 });
    expect(summary.refused).toEqual([
      { file: 'a_mask.tif', expected: "a mask of the image's 3 pages", found: '1' },
      {
        file: 'b.tif',
        expected: 'slices of one size, 3 x 1 pixels of 1 channels',
        found: '3 x 2 pixels of 1 channels',
      },
    ]);
  });
});

describe('import of animations', () => {
  it.each(['gif', 'webp'] as const)('takes the frames of %s as moments of one recording', async (format) => {
    const folder = temporaryFolder();
    put(folder, `s/cine.${format}`, await animation([10, 120, 240], format));
    const { summary, project } = await imported(folder, { classes: ['LV'] });
    expect(summary).toMatchObject({ patients: 1, volumes: 3, items: 3, refused: [] });
    expect(project.volumes.map(({ frame, phaseIndex, slices }) => [frame, phaseIndex, slices])).toEqual([
      [1, 0, 1],
      [2, 1, 1],
      [3, 2, 1],
    ]);
    const data = openImageData(project);
    const first = await Promise.all(project.items.map(async ({ id }) => (await data.pixels(id))[0]));
    expect(first).toEqual([10, 120, 240]);
    project.close();
  });
});

describe('depths', () => {
  it('are kept: 16 bits of PNG and TIFF, 32 bits and fractions of TIFF', async () => {
    const folder = temporaryFolder();
    const sixteen = Uint16Array.from([0, 1, 256, 65_535]);
    const kept: Readonly<Record<string, TiffPage['values']>> = {
      'a.tif': Float32Array.of(-0.5, 0.25, 1000.5, 3),
      'b.tif': Int32Array.of(-70_000, 1, 2, 2 ** 30),
      'c.tif': Uint32Array.of(0, 1, 70_000, 4e9),
      'd.tif': sixteen,
    };
    for (const [name, values] of Object.entries(kept)) put(folder, `s/${name}`, tiffBytes([{ width: 2, values }]));
    put(folder, 's/e.png', encode({ width: 2, height: 2, data: sixteen, depth: 16, channels: 1 }));
    const { summary, project } = await imported(folder, { classes: ['LV'] });
    expect(summary).toMatchObject({ items: 5, refused: [] });
    const data = openImageData(project);
    for (const { id } of project.items) expect(await data.pixels(id), id).toEqual(kept[id] ?? sixteen);
    project.close();
  });

  it('and formats that are not read are refused by name', async () => {
    const folder = temporaryFolder();
    put(folder, 's/good.tif', stack(1));
    put(folder, 's/signed.tif', tiffBytes([{ width: 2, values: Int16Array.of(-5, 1) }]));
    put(folder, 's/double.tif', tiffBytes([{ width: 2, values: Float64Array.of(-5, 1) }]));
    put(folder, 's/old.bmp', 'BM');
    const { summary } = await scanSource(join(folder, 's'), { classes: ['LV'] });
    expect(summary.items).toBe(1);
    const refused = Object.fromEntries(summary.refused.map(({ file, found }) => [file, found]));
    expect(refused['signed.tif']).toBe('16 bits with sign (grey16)');
    expect(refused['double.tif']).toContain('samples out of range');
    expect(refused['old.bmp']).toBe('BMP, which is not read here; convert it to PNG or TIFF');
  });
});
