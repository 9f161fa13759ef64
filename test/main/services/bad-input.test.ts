// What bad input gets: the message, and that nothing is lost or half-written.
import { readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { importDataset, type ImportOptions, type ImportSummary } from '../../../src-main/services/import.ts';
import { Project } from '../../../src-main/services/project.ts';
import { openImageData } from '../../../src-main/services/image-data.ts';
import { niftiBytes } from '../../support/nifti-file.ts';
import { put, temporaryFolder, writeAcdc } from '../../support/source-folders.ts';

const good = niftiBytes(
  { dims: [12, 10, 4] },
  Array.from({ length: 480 }, (_, index) => (index * 37) % 1000),
);
const FILE = 'patient001/patient001_frame01.nii.gz';

/** Imports three good patients of which one file is replaced; the other five volumes must come through. */
async function importWith(file: Uint8Array): Promise<{ refused: string; summary: ImportSummary }> {
  const folder = temporaryFolder();
  writeAcdc(join(folder, 's'), ['patient001', 'patient002', 'patient003']);
  put(folder, `s/${FILE}`, file);
  const summary = await importDataset(join(folder, 's'), join(folder, 'p'));
  const refused = summary.refused.map(
    ({ file: name, expected, found }) => `${name}: expected ${expected}, found ${found}`,
  );
  return { refused: refused.join('\n'), summary };
}

describe('a bad NIfTI file is refused by name and the rest is imported', () => {
  it.each<[string, Uint8Array, RegExp]>([
    ['truncated gzip', gzipSync(good).subarray(0, 400), /gzip stream that ends too early: the file is cut short$/],
    [
      'gzip cut inside the header',
      gzipSync(good).subarray(0, 40),
      /expected a NIfTI header of 348 bytes and 4 more, found \d+ bytes$/,
    ],
    ['corrupt gzip', corrupted(gzipSync(good), 500), /expected an intact gzip stream, found a corrupt one/],
    [
      'truncated data',
      gzipSync(good.subarray(0, 1000)),
      /expected 1312 bytes for 12 x 10 x 4 voxels of int16, found 1000 bytes$/,
    ],
    [
      'more data than the header says',
      gzipSync(Buffer.concat([good, good, good])),
      /more than that: header and data do not match$/,
    ],
    [
      'no NIfTI at all',
      gzipSync(Buffer.alloc(600, 7)),
      /expected a NIfTI header \(348 or 540 in its first four bytes\), found/,
    ],
    ['an empty file', new Uint8Array(), /expected a NIfTI header of 348 bytes and 4 more, found 0 bytes$/],
    [
      'a header that would exhaust memory',
      gzipSync(niftiBytes({ dims: [32000, 32000, 900] }, [1])),
      /expected a volume of less than 2 GiB/,
    ],
    [
      'a header far beyond the file',
      gzipSync(niftiBytes({ dims: [1000, 1000, 900] }, [1])),
      /expected data for 1000 x 1000 x 900 voxels of int16, 1800000352 bytes, found a file of \d+ compressed bytes$/,
    ],
    [
      'dimensions below 1',
      gzipSync(niftiBytes({ dims: [12, 0, 4] }, [1])),
      /expected axes of 1 or more, found 12 x 0 x 4$/,
    ],
  ])('%s', async (_, file, message) => {
    const { refused, summary } = await importWith(file);
    expect(refused).toMatch(message);
    expect(refused.startsWith(`${FILE}: expected`)).toBe(true);
    expect(summary.volumes).toBe(5);
  });

  it('a plain .nii that is cut short, or has the wrong size', async () => {
    const folder = temporaryFolder();
    put(folder, 's/good.nii', good);
    put(folder, 's/short.nii', good.subarray(0, 1000));
    put(folder, 's/long.nii', Buffer.concat([good, Buffer.alloc(5000)]));
    put(folder, 's/tags.csv', 'file,slice,label\ngood,0,LV\ngood,1,none\n');
    const summary = await importDataset(join(folder, 's'), join(folder, 'p'));
    expect(summary.items).toBe(4);
    expect(summary.refused).toEqual([
      { file: 'long.nii', expected: '1312 bytes for 12 x 10 x 4 voxels of int16', found: '6312 bytes' },
      {
        file: 'short.nii',
        expected: '1312 bytes for 12 x 10 x 4 voxels of int16',
        found: '1000 bytes: the file is cut short',
      },
    ]);
  });

  it('warns of NaN and infinite voxels and gives usable images', async () => {
    const folder = temporaryFolder();
    const values = Array.from({ length: 16 }, (_, index) => (index === 3 ? NaN : index === 7 ? -Infinity : index));
    put(folder, 's/odd.nii.gz', gzipSync(niftiBytes({ dims: [4, 4], type: 'float32' }, values)));
    put(folder, 's/tags.csv', 'file,label\nodd,LV\n');
    const summary = await importDataset(join(folder, 's'), join(folder, 'p'));
    expect(summary.warnings[0]?.message).toBe('2 voxels are NaN or infinite; they are shown as the darkest value');
    const project = Project.open(join(folder, 'p'), 'read');
    const { data } = await openImageData(project).image('odd_z00');
    expect([data[3], data[7], data.every((value) => value >= 0 && value <= 1)]).toEqual([0, 0, true]);
    project.close();
  });
});

describe('a folder of images with something wrong', () => {
  const image = () =>
    sharp({
      create: {
        width: 64,
        height: 64,
        channels: 3,
        background: 'teal',
        noise: { type: 'gaussian', mean: 128, sigma: 50 },
      },
    });

  async function importImages(
    table: string,
    options: ImportOptions = {},
    extra: Record<string, Uint8Array> = {},
  ): Promise<ImportSummary> {
    const folder = temporaryFolder();
    const bytes = await image().png().toBuffer();
    for (const name of ['a.png', 'b.png']) put(folder, `s/${name}`, bytes);
    for (const [name, content] of Object.entries(extra)) put(folder, `s/${name}`, content);
    if (table !== '') put(folder, 's/labels.csv', table);
    return importDataset(join(folder, 's'), join(folder, 'p'), options);
  }

  it('refuses truncated and corrupt images', async () => {
    const png = await image().png().toBuffer();
    const jpeg = await image().jpeg().toBuffer();
    const summary = await importImages(
      'file,label\na.png,x\nb.png,none\n',
      {},
      {
        'cut.png': png.subarray(0, png.length / 2),
        'cut.jpg': jpeg.subarray(0, jpeg.length / 2),
        'odd.png': corrupted(png, 200),
        'text.png': Buffer.from('this is no image'),
      },
    );
    expect(summary.refused.map((refusal) => refusal.file)).toEqual(['cut.jpg', 'cut.png', 'odd.png', 'text.png']);
    expect(summary.refused[0]?.expected).toBe('an intact PNG, JPEG, TIFF, WebP or GIF image');
    expect(summary.items).toBe(2);
  });

  it('lists rows whose file is not there and files in no row', async () => {
    const summary = await importImages('file,label\na.png,x\nghost.png,x\n../../etc/passwd,x\n');
    expect(summary.refused).toEqual([
      { file: 'labels.csv', expected: 'line 3 to name an image of the source, ghost.png', found: 'no such image' },
      {
        file: 'labels.csv',
        expected: 'line 4 to name an image of the source, ../../etc/passwd',
        found: 'no such image',
      },
    ]);
    expect(summary.warnings).toContainEqual({
      file: 'b.png',
      message: 'in no row of labels.csv; imported without a tag',
    });
    expect(summary).toMatchObject({ items: 2, tags: 1 });
  });

  it('takes rows of one file together, says when they repeat, and refuses a contradiction', async () => {
    const summary = await importImages('file,label\na.png,x\na.png,y\nb.png,none\na.png,none\nb.png,none\n');
    expect(summary.classCounts).toEqual([
      { positive: 1, negative: 1 },
      { positive: 1, negative: 1 },
    ]);
    expect(summary.refused).toEqual([
      {
        file: 'labels.csv',
        expected: 'line 5 to agree with line 2 about a.png',
        found: 'classes in one row, none in the other',
      },
    ]);
    expect(summary.warnings).toEqual([{ file: 'labels.csv', message: 'line 6 repeats line 4' }]);
  });

  it('refuses rows that name no class asked for, since dropping the name would say "absent"', async () => {
    const summary = await importImages('file,label\na.png,catt\nb.png,cat\n', { classes: ['cat'] });
    expect(summary.refused).toEqual([
      { file: 'labels.csv', expected: 'line 2 to name classes among cat or none', found: 'catt' },
    ]);
    expect(summary.tags).toBe(1);
  });

  it('warns of a class in every image and of a class in none', async () => {
    const summary = await importImages('file,label\na.png,cat\nb.png,cat\n', { classes: ['cat', 'dog'] });
    expect(summary.warnings.map((warning) => warning.message)).toEqual([
      'every tag shows "cat", so its presence cannot be learned; add images or windows without it',
      'no tag shows "dog", so its presence cannot be learned',
    ]);
  });

  it('says which columns there are when it cannot tell them', async () => {
    await expect(importImages('photo,what\na.png,cat\n')).rejects.toThrow(
      'no heading is known and "photo" is no file name',
    );
    await expect(importImages('file,label\na.png,cat\n', { columns: { labels: 'tags' } })).rejects.toThrow(
      'no column is called "tags"; there are file, label',
    );
  });

  it('says what to do where nothing names a class', async () => {
    await expect(importImages('')).rejects.toThrow(
      'labels: expected class folders, a table of labels or masks, found only images; name the classes to tag them with',
    );
  });

  it('takes images that nothing is said of, once a person names classes', async () => {
    const summary = await importImages('', { classes: ['cat', 'dog'] });
    expect(summary).toMatchObject({ classes: ['cat', 'dog'], items: 2, tags: 0, refused: [] });
  });
});

describe('sources that are not what they were', () => {
  async function imported() {
    const folder = temporaryFolder();
    writeAcdc(join(folder, 's'), ['patient001', 'patient002']);
    await importDataset(join(folder, 's'), join(folder, 'p'));
    const project = Project.open(join(folder, 'p'));
    return {
      folder,
      file: join(folder, 's', FILE),
      project,
      read: () => openImageData(project).image('patient001_frame01_z00'),
    };
  }

  it('are named when missing, with where they were looked for', async () => {
    const { file, read, project } = await imported();
    rmSync(file);
    await expect(read()).rejects.toThrow(
      `A source image is missing; looked for ${file}. Put it back, or import again.`,
    );
    project.close();
  });

  it('are named when changed, by size or by content', async () => {
    const { file, read, project } = await imported();
    const bytes = readFileSync(file);
    writeFileSync(file, Buffer.concat([bytes, bytes]));
    await expect(read()).rejects.toThrow(`${file} has changed since it was imported`);
    writeFileSync(file, corrupted(bytes, 30));
    await expect(read()).rejects.toThrow(`${file} has changed since it was imported`);
    project.close();
  });

  it('are taken for the same when only their time differs', async () => {
    const { file, read, project } = await imported();
    utimesSync(file, new Date(0), new Date(0));
    expect((await read()).width).toBe(12);
    project.close();
  });
});

it('an import that finds nothing usable says why and leaves nothing', async () => {
  const folder = temporaryFolder();
  put(folder, `s/${FILE}`, new Uint8Array(3));
  const failing = importDataset(join(folder, 's'), join(folder, 'p'));
  await expect(failing).rejects.toThrow(
    /nothing to import as acdc\n {2}patient001.*expected a NIfTI header of 348 bytes and 4 more, found 3 bytes/,
  );
  expect(readdirSync(folder)).toEqual(['s']);
});

function corrupted(bytes: Uint8Array, at: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  for (let index = at; index < at + 12; index += 1) changed[index] = (changed[index] ?? 0) ^ 0x5a;
  return changed;
}
