import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { IMPORT_FORMATS } from '../../../src-core/datasets/import-formats.ts';
import { importDataset, makeProject, scanSource } from '../../../src-main/services/import.ts';
import { Project } from '../../../src-main/services/project.ts';
import { openImageData } from '../../../src-main/services/image-data.ts';
import { drawnLabel, put, temporaryFolder, writeAcdc, zippedNifti } from '../../support/source-folders.ts';

const png = (width: number, height: number, value: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: value, g: value, b: value } } })
    .png()
    .toBuffer();

/** Every file below a folder with its content's hash and time. */
function fingerprint(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((path) => {
      const file = statSync(join(folder, path));
      const hash = file.isFile()
        ? createHash('sha256')
            .update(readFileSync(join(folder, path)))
            .digest('hex')
        : '';
      return `${path} ${file.mtimeMs} ${hash}`;
    });
}

describe('import of ACDC', () => {
  it('makes a project whose images, tags and truth are those of the source, and leaves the source as it was', async () => {
    const folder = temporaryFolder();
    const source = join(folder, 'source data');
    writeAcdc(source, ['patient001', 'patient002', 'patient005']);
    const before = fingerprint(source);
    const steps: number[] = [];
    const summary = await importDataset(
      source,
      join(folder, 'my project'),
      { classes: ['LV'], split: { kind: 'modulus', modulus: 5, validation: 0.5, seed: 0 } },
      (progress) => steps.push(progress.done / progress.total),
    );
    expect(summary).toMatchObject({
      format: 'acdc',
      patients: 3,
      volumes: 6,
      items: 24,
      masks: 6,
      phases: { ED: 3, ES: 3 },
    });
    expect(summary).toMatchObject({
      splits: { train: 1, validation: 1, test: 1 },
      tags: 24,
      warnings: [],
      refused: [],
    });
    expect(summary.classCounts).toEqual([{ positive: 6, negative: 18 }]);
    expect(steps).toEqual([1 / 3, 2 / 3, 1]);
    expect(fingerprint(source)).toEqual(before);

    const project = Project.open(join(folder, 'my project'), 'read');
    const data = openImageData(project);
    expect(data.items.filter((item) => item.split === 'test').map((item) => item.group)).toEqual(
      new Array(8).fill('patient005'),
    );
    const item = data.items.find(({ id }) => id === 'patient002_frame03_z03');
    expect(item).toMatchObject({
      group: 'patient002',
      volume: 'patient002_frame03',
      slice: 3,
      width: 12,
      height: 10,
      phase: 'ES',
    });
    const truth = await data.truth('patient002_frame03_z03');
    const plane = await data.image('patient002_frame03_z03');
    expect([truth?.width, truth?.height, plane.width, plane.height, plane.channels]).toEqual([12, 10, 12, 10, 1]);
    for (let y = 0; y < 10; y += 1) {
      for (let x = 0; x < 12; x += 1) {
        expect(truth?.data[y * 12 + x]).toBe(drawnLabel(x, y, 3) === 3 ? 1 : 0);
        const next = plane.data[y * 12 + x + 1] ?? 1;
        if (x < 11) expect(next).toBeGreaterThanOrEqual(plane.data[y * 12 + x] ?? 0);
      }
    }
    expect(data.tags.find((tag) => tag.item === 'patient002_frame03_z03')?.present).toEqual([1]);
    expect(project.volumes[0]?.spacing).toEqual({ x: 1.5, y: 1.5, z: 10 });
    project.close();
  });

  it('derives the same crop tags each time', async () => {
    const folder = temporaryFolder();
    writeAcdc(join(folder, 's'), ['patient001', 'patient002']);
    const tags = { kind: 'crops', windows: 4, window: 60, referenceSide: 100, minimumShare: 0.01, seed: 3 } as const;
    const read = async (name: string) => {
      await importDataset(join(folder, 's'), join(folder, name), { tags });
      const project = Project.open(join(folder, name), 'read');
      const found = project.tags();
      project.close();
      return found;
    };
    const first = await read('a');
    expect(first).toHaveLength(16 * 4);
    expect(first[0]?.window).toMatchObject({ width: 6, height: 6 });
    expect(await read('b')).toEqual(first);
  });
});

describe('import of labelled images', () => {
  it('takes sub-folders as classes, with paths in other scripts and through links', async () => {
    const folder = temporaryFolder();
    put(folder, 'real/größe/ä b.png', await png(4, 3, 51));
    put(folder, 'real/none/空.png', await png(4, 3, 0));
    symlinkSync(join(folder, 'real'), join(folder, 'linked'));
    mkdirSync(join(folder, 'real', 'loop'));
    symlinkSync(join(folder, 'real'), join(folder, 'real', 'loop', 'again'));
    const summary = await importDataset(join(folder, 'linked'), join(folder, 'prö ject'));
    expect(summary).toMatchObject({ format: 'images', classes: ['größe'], items: 2, refused: [] });
    const project = Project.open(join(folder, 'prö ject'));
    const data = openImageData(project);
    expect(data.tags.map((tag) => [tag.item, tag.present])).toEqual([
      ['größe/ä b.png', [1]],
      ['none/空.png', [0]],
    ]);
    const plane = await data.image('größe/ä b.png');
    expect([plane.width, plane.height, plane.channels, plane.data[0]]).toEqual([4, 3, 3, Math.fround(0.2)]);
    project.close();
  });

  it('takes several labels an image from a table, and patients and splits with them', async () => {
    const folder = temporaryFolder();
    for (const name of ['a', 'b', 'c']) put(folder, `s/pictures/${name}.png`, await png(4, 4, 9));
    const table = 'file;label;patient;split\npictures/a.png;cat,dog;p1;train\nb;none;p1;train\nc.png;dog;p2;test\n';
    put(folder, 's/labels.csv', `\uFEFF${table}`);
    const summary = await importDataset(join(folder, 's'), join(folder, 'p'));
    expect(summary).toMatchObject({ classes: ['cat', 'dog'], patients: 2, items: 3, refused: [] });
    const project = Project.open(join(folder, 'p'), 'read');
    expect(project.tags().map((tag) => tag.present)).toEqual([
      [1, 1],
      [0, 0],
      [0, 1],
    ]);
    expect(project.items.map((item) => item.group)).toEqual(['p1', 'p1', 'p2']);
    expect(project.items[2]?.split).toBe('test');
    project.close();
  });

  it('takes masks beside images as truth and derives tags from them', async () => {
    const folder = temporaryFolder();
    const mask = sharp(Buffer.from([0, 255, 0, 0]), { raw: { width: 2, height: 2, channels: 1 } });
    put(folder, 's/images/SC-HF-01-IM-1.png', await png(2, 2, 200));
    put(folder, 's/masks/SC-HF-01-IM-1.png', await mask.png().toBuffer());
    put(folder, 's/images/SC-HF-01-IM-2.png', await png(2, 2, 200));
    const options = { classes: ['LV'], patientPattern: /SC-[A-Z]+-\d+/ };
    const summary = await importDataset(join(folder, 's'), join(folder, 'p'), options);
    expect(summary).toMatchObject({ patients: 1, items: 2, masks: 1, tags: 1 });
    const project = Project.open(join(folder, 'p'), 'read');
    const data = openImageData(project);
    expect(Array.from((await data.truth('images/SC-HF-01-IM-1.png'))?.data ?? [])).toEqual([0, 1, 0, 0]);
    expect(await data.truth('images/SC-HF-01-IM-2.png')).toBeUndefined();
    project.close();
  });
});

describe('values of masks that nobody named', () => {
  it('are looked for over the whole folder, not in its first files alone', async () => {
    const folder = temporaryFolder();
    const image = await png(2, 2, 90);
    for (let index = 0; index < 80; index += 1) {
      const name = `${String(index).padStart(3, '0')}.png`;
      const mask = sharp(Buffer.from([0, index < 60 ? 1 : 2, 0, 0]), { raw: { width: 2, height: 2, channels: 1 } });
      put(folder, `s/images/${name}`, image);
      put(folder, `s/masks/${name}`, await mask.png().toBuffer());
    }
    const { summary } = await scanSource(join(folder, 's'));
    expect(summary.classes).toEqual(['value 1', 'value 2']);
    expect(summary.classCounts.map(({ positive }) => positive)).toEqual([60, 20]);
  });
});

describe('import of NIfTI folders', () => {
  it('takes 2-D, 3-D and 4-D files with a table of tags', async () => {
    const folder = temporaryFolder();
    put(folder, 's/flat.nii.gz', zippedNifti({ dims: [2, 2] }, [1, 2, 3, 4]));
    put(
      folder,
      's/cine.nii.gz',
      zippedNifti({ dims: [2, 1, 2, 3], type: 'uint8' }, [0, 51, 0, 0, 102, 0, 0, 0, 0, 0, 0, 255]),
    );
    put(folder, 's/tags.csv', 'file,frame,slice,labels\nflat.nii.gz,,,LV\ncine,1,0,LV\ncine,3,1,none\ncine,3,7,LV\n');
    const summary = await importDataset(join(folder, 's'), join(folder, 'p'));
    expect(summary).toMatchObject({ format: 'nifti', classes: ['LV'], volumes: 4, items: 7, tags: 3, refused: [] });
    expect(summary.warnings.map((warning) => warning.message)).toContain(
      'the tags name slice 7 (from 0), the volume has 2 slices',
    );
    const project = Project.open(join(folder, 'p'), 'read');
    const data = openImageData(project);
    expect(data.tags.map((tag) => [tag.item, tag.present])).toEqual([
      ['cine_frame01_z00', [1]],
      ['cine_frame03_z01', [0]],
      ['flat_z00', [1]],
    ]);
    expect(Array.from((await data.image('cine_frame03_z01')).data)).toEqual([0, 1]);
    expect(Array.from((await data.image('cine_frame02_z00')).data)).toEqual([Math.fround(0.4), 0]);
    project.close();
  });
});

describe('a scan before an import', () => {
  it('tells what a project would be made of, and makes it later with the classes chosen', async () => {
    const folder = temporaryFolder();
    writeAcdc(join(folder, 'source'), ['patient001', 'patient002']);
    const scan = await scanSource(join(folder, 'source'));
    expect(scan.summary).toMatchObject({
      ...{ format: 'acdc', classes: ['RV', 'MYO', 'LV'], patients: 2, volumes: 4, items: 16, masks: 4, tags: 16 },
      ...{ phases: { ED: 2, ES: 2 }, given: { train: 0, validation: 0, test: 0 }, withoutSpacing: 0 },
    });
    expect(scan.summary.why).toContain('2 of them with Info.cfg');
    const detected = scan.summary.detected.map(({ format }) => format);
    expect(detected[0]).toBe('acdc');
    expect([...detected].sort()).toEqual(Object.keys(IMPORT_FORMATS).sort());
    expect(readdirSync(folder)).toEqual(['source']);

    const chosenClasses = [
      { name: 'cavity', sources: ['lv', 'RV'], colour: '#0072B2' },
      { name: 'muscle', sources: ['MYO'] },
    ];
    const summary = await makeProject(scan, join(folder, 'p'), { chosenClasses });
    expect(summary).toMatchObject({ classes: ['cavity', 'muscle'], tags: 16, format: 'acdc' });
    expect(summary.classCounts).toEqual([
      { positive: 8, negative: 8 },
      { positive: 4, negative: 12 },
    ]);
    const project = Project.open(join(folder, 'p'), 'read');
    expect(project.setting('class-colours')).toEqual(['#0072b2', '#f0e442']);
    const truth = await openImageData(project).truth('patient001_frame01_z02');
    expect([...new Set(truth?.data)]).toEqual([0, 2]);
    expect(project.tags().find(({ item }) => item === 'patient001_frame01_z03')?.present).toEqual([1, 0]);
    project.close();
  });

  it('refuses choices that do not fit, and leaves nothing behind', async () => {
    const folder = temporaryFolder();
    writeAcdc(join(folder, 'source'), ['patient001']);
    const scan = await scanSource(join(folder, 'source'));
    const choices = { chosenClasses: [{ name: 'heart', sources: ['atrium'] }] };
    await expect(makeProject(scan, join(folder, 'p'), choices)).rejects.toThrow(
      'class "heart": expected some of RV, MYO, LV, got "atrium"',
    );
    expect(readdirSync(folder)).toEqual(['source']);
  });

  it('can be stopped', async () => {
    const folder = temporaryFolder();
    writeAcdc(join(folder, 'source'), ['patient001', 'patient002', 'patient003']);
    const abort = new AbortController();
    const stop = () => abort.abort(new Error('stopped by hand'));
    await expect(scanSource(join(folder, 'source'), {}, stop, abort.signal)).rejects.toThrow('stopped by hand');
  });
});

describe('a project and its sources', () => {
  it('may move together', async () => {
    const folder = temporaryFolder();
    writeAcdc(join(folder, 'a', 'source'), ['patient001', 'patient002']);
    await importDataset(join(folder, 'a', 'source'), join(folder, 'a', 'project'));
    renameSync(join(folder, 'a'), join(folder, 'b'));
    const project = Project.open(join(folder, 'b', 'project'));
    const plane = await openImageData(project).image('patient001_frame01_z00');
    expect(plane.width).toBe(12);
    project.close();
  });

  it('are left alone when the import is cancelled, and nothing of it stays', async () => {
    const folder = temporaryFolder();
    writeAcdc(join(folder, 'source'), ['patient001', 'patient002', 'patient003']);
    const abort = new AbortController();
    const stop = () => abort.abort(new Error('stopped by hand'));
    await expect(importDataset(join(folder, 'source'), join(folder, 'p'), {}, stop, abort.signal)).rejects.toThrow(
      'stopped by hand',
    );
    expect(readdirSync(folder)).toEqual(['source']);
  });

  it('are not mixed with what is in the folder already', async () => {
    const folder = temporaryFolder();
    writeAcdc(join(folder, 'source'), ['patient001', 'patient002']);
    put(folder, 'full/notes.txt', 'mine');
    await expect(importDataset(join(folder, 'source'), join(folder, 'full'))).rejects.toThrow(
      'is not empty; import into a new folder',
    );
    await importDataset(join(folder, 'source'), join(folder, 'p'));
    await expect(importDataset(join(folder, 'source'), join(folder, 'p'))).rejects.toThrow('is a project already');
    await expect(importDataset(join(folder, 'nowhere'), join(folder, 'q'))).rejects.toThrow(
      'source: expected a folder, got',
    );
    await expect(importDataset(join(folder, 'full'), join(folder, 'q'))).rejects.toThrow(
      ': 1 file, in no format known here',
    );
    expect(existsSync(join(folder, 'q'))).toBe(false);
  });
});
