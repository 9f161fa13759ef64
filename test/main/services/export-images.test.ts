import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode, encode } from 'fast-png';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMaskFile } from '../../../src-main/services/raster-file.ts';
import { exportProject } from '../../../src-main/services/export/export.ts';
import { safePath } from '../../../src-main/services/export/file-content.ts';
import { importDataset } from '../../../src-main/services/import.ts';
import { Project } from '../../../src-main/services/project.ts';

const [WIDTH, HEIGHT] = [5, 3];
/** Background, both classes and pixels left open. */
const MASK = Uint8Array.from([0, 1, 1, 2, 0, 255, 1, 2, 2, 0, 0, 0, 0, 0, 1]);

let folder: string;
let project: Project;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unia images '));
  const source = join(folder, 'pictures');
  const pixels = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => 16 * i);
  const png = encode({ width: WIDTH, height: HEIGHT, data: pixels, channels: 1, depth: 8 });
  for (const kind of ['cat', 'dog']) await mkdir(join(source, kind), { recursive: true });
  await writeFile(join(source, 'cat', 'same.png'), png);
  await sharp(png)
    .jpeg()
    .toFile(join(source, 'cat', 'same.jpg'));
  await writeFile(join(source, 'dog', 'größe 1.v2.png'), png);
  await importDataset(source, join(folder, 'project'), { split: { kind: 'shares', test: 0, validation: 0, seed: 0 } });
  project = Project.open(join(folder, 'project'));
  const run = project.createRun({});
  const pseudo = { width: WIDTH, height: HEIGHT, data: MASK };
  for (const { id } of project.items) project.writePrediction(run, id, { score: 0, labels: { pseudo }, values: {} });
});
afterAll(async () => {
  project.close();
  await rm(folder, { recursive: true });
});

describe('exporting masks of single images', () => {
  it('names them after the images, by their full name where two would be one', async () => {
    const out = join(folder, 'masks');
    const summary = await exportProject(project, { format: 'png', directory: out, settings: { uncertainty: true } });
    const names = (await readdir(out, { recursive: true })).filter((name) => /\.\w+$/.test(name)).sort();
    expect(names.map((name) => name.replaceAll('\\', '/'))).toEqual([
      ...['cat/same.jpg.png', 'cat/same.png.png', 'dog/größe 1.v2.png', 'labels.json', 'manifest.json'],
    ]);
    expect(summary.notes).toEqual([
      'Label ids in the order of the project’s classes: 0 background, 1 cat, 2 dog; 255 is not decided.',
      'Masks: 3 pseudo.',
      '3 images have no uncertainty.',
    ]);
  });

  it('reads back exactly, as indices and as colours', async () => {
    const path = join(folder, 'masks', 'dog', 'größe 1.v2.png');
    const { palette, data } = decode(await readFile(path));
    expect(data).toEqual(MASK);
    const own = await readMaskFile(path);
    expect(own).toMatchObject({ width: WIDTH, height: HEIGHT, values: MASK });
    const colours = await sharp(path).removeAlpha().raw().toBuffer();
    MASK.forEach((label, i) => expect([...colours.subarray(3 * i, 3 * i + 3)]).toEqual(palette![label]));
  });

  it('says that images without NIfTI geometry go to PNG', async () => {
    const request = { format: 'nifti', directory: join(folder, 'none') };
    await expect(exportProject(project, request)).rejects.toThrow('choose Indexed PNG instead');
  });
});

describe('paths of exported files', () => {
  it('stay inside the folder and are legal everywhere', () => {
    expect(safePath('../a/./b\\..\\c:d?.x ')).toBe('a/b/c_d_.x_');
  });
});
