import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeLabels } from '../../../src-core/labels/label-codec.ts';
import { openImageData } from '../../../src-main/services/image-data.ts';
import { importDataset } from '../../../src-main/services/import.ts';
import { readPicture } from '../../../src-main/services/item-picture.ts';
import { Project } from '../../../src-main/services/project.ts';
import { phantomProject, storePredictions, type PhantomProject } from '../../support/predicted-project.ts';
import { put, temporaryFolder, zippedNifti } from '../../support/source-folders.ts';

describe('the picture of an item', () => {
  it('keeps every value as it is stored, with spacing and directions where they are known', async () => {
    const folder = temporaryFolder();
    const values = Array.from({ length: 24 }, (_, i) => 1000 * i - 500);
    const geometry = { dims: [3, 4, 2], pixdim: [1, 1.5, 2, 10], qform: 1, units: 2 };
    put(folder, 'in/p/Info.cfg', 'ED: 1\nES: 1\n');
    put(folder, 'in/p/p_frame01.nii.gz', zippedNifti(geometry, values));
    await importDataset(`${folder}/in`, `${folder}/project`, { classes: ['LV'] });
    const project = Project.open(`${folder}/project`, 'read');
    const images = openImageData(project);
    const picture = await readPicture(images, project.items[1]!.id);
    project.close();
    expect(picture).toMatchObject({ width: 3, height: 4, channels: 1, spacing: { x: 1.5, y: 2, z: 10 } });
    expect(picture.data).toBeInstanceOf(Int16Array);
    expect([...picture.data]).toEqual(values.slice(12));
    expect(picture.affine?.[0]).toEqual([1.5, 0, 0, expect.anything()]);
    // A view would carry the whole volume to the page.
    expect(picture.data.buffer.byteLength).toBe(24);
  });
});

describe('the maps of an item', () => {
  let phantom: PhantomProject;
  let project: Project;
  let run: string;

  beforeAll(async () => {
    phantom = await phantomProject({}, { patients: 1 });
    project = Project.open(phantom.directory);
    run = await storePredictions(project, ({ slice }) => slice === 1);
  });

  afterAll(() => {
    project.close();
    rmSync(phantom.folder, { recursive: true, force: true });
  });

  it('are named, and only those that are asked for are read', () => {
    const item = project.items.find(({ slice }) => slice === 1)!.id;
    const maps = project.readMaps(run, item, { labels: ['segmentation', 'p9'], values: ['uncertainty'] })!;
    expect(maps).toMatchObject({ run, score: 0.25, presence: null });
    expect([...maps.kinds].sort()).toEqual(['cam', 'p1', 'p2', 'p3', 'pseudo', 'segmentation']);
    expect(maps.names).toEqual(['uncertainty']);
    expect(Object.keys(maps.labels)).toEqual(['segmentation']);
    expect(decodeLabels(maps.labels['segmentation']!)).toEqual(project.readLabelMap(item, 'segmentation', run));
    expect(maps.values['uncertainty']).toMatchObject({ width: 48, height: 48 });
  });

  it('are missing as a whole where the run has not predicted the item', () => {
    const item = project.items.find(({ slice }) => slice === 0)!.id;
    expect(project.readMaps(run, item, { labels: [], values: [] })).toBeUndefined();
  });
});
