// What masks of a source are for, in every format that brings any: truth to measure with, a start for the review, or reviewed already.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { IMPORT_FORMATS, type ImportFormat } from '../../../src-core/datasets/import-formats.ts';
import { ITEM_LIST } from '../../../src-core/contract/items.ts';
import { previewBelow } from '../../../src-main/services/accept-below.ts';
import { ItemLists } from '../../../src-main/services/item-lists.ts';
import { readAudit } from '../../../src-main/storage/audit-store.ts';
import { READER } from '../../../src-main/storage/reading-store.ts';
import { openImageData } from '../../../src-main/services/image-data.ts';
import { makeProject, scanSource, type ImportScan, type MaskUse } from '../../../src-main/services/import.ts';
import { Review } from '../../../src-main/services/review.ts';
import { listRuns } from '../../../src-main/services/studio/runs.ts';
import { Studio } from '../../../src-main/services/studio/studio.ts';
import { exportProject } from '../../../src-main/services/export/export.ts';
import { trainedRuns } from '../../../src-main/services/imported-masks.ts';
import { Project } from '../../../src-main/services/project.ts';
import { dicomProject, type DicomProject } from '../../support/dicom-project.ts';
import { maskProject, type Exporter, type MaskProject } from '../../support/mask-project.ts';
import { put, temporaryFolder } from '../../support/source-folders.ts';
import { volumeProject, type VolumeProject } from '../../support/volume-project.ts';

let volumes: VolumeProject;
let pictures: MaskProject;
let series: DicomProject;
beforeAll(async () => {
  [volumes, pictures, series] = await Promise.all([volumeProject(), maskProject(), dicomProject()]);
});
afterAll(() => Promise.all([volumes, pictures, series].map((each) => each.remove())));

const exported = async (project: Exporter, format: string): Promise<string> =>
  (await project.export({ format })).directory;

const [WIDTH, HEIGHT, SLICES] = [4, 3, 2];
const voxels = Uint8Array.from({ length: WIDTH * HEIGHT * SLICES }, (_, at) => at);
const labels = voxels.map((_, at) => (at === 2 ? 1 : at === 15 ? 2 : 0));

/** A volume and its mask in a format of a text header and raw bytes. */
function rawVolume(extension: string, header: string): string {
  const folder = temporaryFolder();
  const file = (data: Uint8Array): Buffer => Buffer.concat([Buffer.from(header), data]);
  put(folder, `heart.${extension}`, file(voxels));
  put(folder, `heart_mask.${extension}`, file(labels));
  return folder;
}

/** A source with masks of each format. */
const SOURCES: Readonly<Record<ImportFormat, () => string | Promise<string>>> = {
  acdc: () => volumes.source,
  async dicom() {
    const folder = temporaryFolder();
    cpSync(series.source, folder, { recursive: true });
    cpSync(await exported(series, 'dicom-seg'), join(folder, 'masks'), { recursive: true });
    return folder;
  },
  nnunet: () => exported(volumes, 'nnunet'),
  coco: () => exported(pictures, 'coco'),
  voc: () => exported(pictures, 'voc'),
  yolo: () => exported(pictures, 'yolo'),
  cityscapes: () => exported(pictures, 'cityscapes'),
  cvat: () => exported(pictures, 'cvat'),
  datumaro: () => exported(pictures, 'datumaro'),
  'label-studio': () => exported(pictures, 'label-studio'),
  hdf5: () => exported(volumes, 'hdf5'),
  nifti: () => exported(volumes, 'mitk'),
  nrrd: () =>
    rawVolume('nrrd', `NRRD0004\ntype: uint8\ndimension: 3\nsizes: ${WIDTH} ${HEIGHT} ${SLICES}\nencoding: raw\n\n`),
  metaimage: () =>
    rawVolume(
      'mha',
      `ObjectType = Image\nNDims = 3\nDimSize = ${WIDTH} ${HEIGHT} ${SLICES}\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n`,
    ),
  images() {
    const folder = temporaryFolder();
    const png = (data: Uint8Array): Uint8Array => encode({ width: WIDTH, height: HEIGHT, data, depth: 8, channels: 1 });
    for (const [name, slice] of [
      ['a', 0],
      ['b', 1],
    ] as const) {
      const range = [slice * WIDTH * HEIGHT, (slice + 1) * WIDTH * HEIGHT] as const;
      put(folder, `${name}.png`, png(voxels.slice(...range)));
      put(folder, `${name}_mask.png`, png(labels.slice(...range)));
    }
    return folder;
  },
};

interface Uses {
  readonly state: string;
  readonly truth: number[] | undefined;
  readonly reviewed: number[] | undefined;
  readonly suggested: number[] | undefined;
  /** Uncertainty of the suggestion. */
  readonly score: number | null | undefined;
}

/** What a project made with the masks for this use says of each item. */
async function usesOf(scan: ImportScan, target: string, masks: MaskUse): Promise<Map<string, Uses>> {
  await makeProject(scan, target, { masks });
  const project = Project.open(target, 'read');
  const data = openImageData(project);
  const [run] = project.runs();
  const found = new Map<string, Uses>();
  const plain = (plane: { readonly data: Uint8Array } | undefined) => plane && [...plane.data];
  for (const { id } of project.items) {
    const prediction = run && project.readPrediction(run.id, id);
    found.set(id, {
      state: project.state(id),
      truth: plain(await data.truth(id)),
      reviewed: plain(await data.reviewed(id)),
      suggested: plain(prediction?.labels['segmentation']),
      score: prediction?.score,
    });
  }
  expect(run?.configuration).toEqual(masks === 'start' ? { kind: 'imported-masks' } : undefined);
  project.close();
  return found;
}

describe('masks that come with a source', () => {
  it('are said to be imported where they are suggested, and are no training', async () => {
    const folder = temporaryFolder();
    await makeProject(await scanSource(await SOURCES.images()), join(folder, 'p'), { masks: 'start' });
    const studio = new Studio({ host: 'serve', home: join(folder, 'home') });
    onTestFinished(() => studio.close());
    studio.openProject(join(folder, 'p'));
    const { project } = studio;
    const [item] = project.items;
    const review = new Review(project, { annotator: 'Ann' });
    expect(review.item(item!.id).suggestion).toEqual({ run: 'run-001', kind: 'imported' });
    review.decide([item!.id], 'accept');
    expect(review.item(item!.id).suggestion).toEqual({ run: 'run-001', kind: 'imported' });
    expect([...readAudit(project.database, item!.id)].at(-1)?.detail).toMatchObject({ suggestion: 'imported' });
    expect(listRuns(project, null)).toMatchObject([{ state: 'imported', usable: true, inUse: true, damage: null }]);
    expect(trainedRuns(project)).toEqual([]);
    const network = exportProject(project, { format: 'onnx', directory: join(folder, 'network') });
    await expect(network).rejects.toThrow('no run has been trained yet: train one first');
    // Whatever images are without one: there is nothing to predict with.
    project.database.exec('DELETE FROM predictions WHERE item = 2');
    expect(await studio.predictor.use('run-001')).toBeNull();
    expect(project.setting('run-in-use')).toBe('run-001');
  });

  it('have no uncertainty: accepting what is certain accepts none of them, and lists show none', async () => {
    const folder = temporaryFolder();
    await makeProject(await scanSource(await SOURCES.images()), join(folder, 'p'), { masks: 'start' });
    const project = Project.open(join(folder, 'p'));
    const list = ITEM_LIST.parse({});
    const { rows } = new ItemLists(project).page(list, 0, 10);
    expect(rows.map(({ score, areas }) => [score, areas[0]])).toEqual([
      [null, 11],
      [null, 11],
    ]);
    expect(new ItemLists(project).ids(ITEM_LIST.parse({ filter: { uncertainty: { from: 0, to: 1 } } }))).toEqual([]);
    const preview = previewBelow(project, rows[0]!.volume, 1, READER.effective);
    expect(preview).toMatchObject({ covered: [], above: [], withoutSuggestion: 1 });
    project.close();
  });

  it.each(Object.keys(IMPORT_FORMATS) as ImportFormat[])('are what a person says they are: %s', async (format) => {
    const folder = temporaryFolder();
    const scan = await scanSource(await SOURCES[format]());
    expect(scan.summary).toMatchObject({ format, refused: [] });
    expect(scan.summary.masks).toBeGreaterThan(0);
    const truth = await usesOf(scan, join(folder, 'truth'), 'truth');
    const masks = [...truth].map(([id, each]) => [id, each.truth] as const);
    const seen = new Set(masks.flatMap(([, mask]) => mask ?? []));
    for (const id of scan.summary.classes.keys()) expect(seen, `class ${id + 1}`).toContain(id + 1);

    const nothing = { state: 'pending', truth: undefined, reviewed: undefined, suggested: undefined, score: undefined };
    expect([...truth]).toEqual(masks.map(([id, mask]) => [id, { ...nothing, truth: mask }]));
    expect([...(await usesOf(scan, join(folder, 'start'), 'start'))]).toEqual(
      masks.map(([id, mask]) => [id, { ...nothing, suggested: mask, score: mask && null }]),
    );
    expect([...(await usesOf(scan, join(folder, 'reviewed'), 'reviewed'))]).toEqual(
      masks.map(([id, mask]) => [id, mask ? { ...nothing, state: 'accepted', reviewed: mask } : nothing]),
    );
  });
});
