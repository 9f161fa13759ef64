// DICOM-SEG of other programs, made from our own export: frames in another order, found by their places alone.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importDataset } from '../../../src-main/services/import.ts';
import { Project, REVIEWED } from '../../../src-main/services/project.ts';
import { dicomBytes, type DicomElements } from '../../support/dicom-bytes.ts';
import { dicomProject, type DicomProject } from '../../support/dicom-project.ts';
import { changed, elementsOf } from '../../support/dicom-rewrite.ts';
import { put } from '../../support/source-folders.ts';
import { HEART } from '../../support/volume-project.ts';

const MASK = [...HEART.data].map((id) => (id === 255 ? 0 : id));
/** Derivation of a frame, which names its image; the list of all images; places and orientation; frame of reference. */
const [DERIVATION, IMAGES, PLACE, ORIENTATION, SPACE] = ['00089124', '00081115', '00200032', '00200037', '00200052'];

let still: DicomProject;
let cine: DicomProject;
let count = 0;
beforeAll(async () => {
  still = await dicomProject(3, 1);
  cine = await dicomProject();
});
afterAll(() => Promise.all([still.remove(), cine.remove()]));

/** Imports the series beside its exported segmentations, each changed. */
async function withSegmentations(
  built: DicomProject,
  change: (elements: DicomElements) => DicomElements,
): Promise<{ masks: (number[] | undefined)[]; warnings: string[]; refused: string[] }> {
  const { directory, summary } = await built.export({ format: 'dicom-seg' });
  const source = `with masks ${++count}`;
  cpSync(built.source, join(built.folder, source), { recursive: true });
  for (const { path } of summary.files) {
    put(built.folder, `${source}/${path}`, dicomBytes(change(await elementsOf(join(directory, path)))));
  }
  const target = join(built.folder, `in ${count}`);
  const options = { masks: 'reviewed', classes: ['RV', 'MYO', 'LV'] } as const;
  const done = await importDataset(join(built.folder, source), target, options);
  const project = Project.open(target, 'read');
  const masks = project.items.map(({ id }) => {
    const mask = project.readLabelMap(id, REVIEWED);
    return mask && [...mask.data];
  });
  project.close();
  return {
    masks,
    warnings: done.warnings.map(({ message }) => message),
    refused: done.refused.map(({ file, expected, found }) => `${file}: expected ${expected}, found ${found}`),
  };
}

const without =
  (...tags: readonly (string | undefined)[]) =>
  (elements: DicomElements): DicomElements =>
    changed(elements, (tag, element) => (tags.includes(tag) ? undefined : element));

/** The frames and what is said of each, the last first. */
function reversed(elements: DicomElements): DicomElements {
  const groups = elements['52009230']![1] as readonly DicomElements[];
  const size = HEART.width * HEART.height;
  const bits = elements['7FE00010']![1] as Uint8Array;
  const turned = new Uint8Array(bits.length);
  for (let at = 0; at < groups.length * size; at += 1) {
    const from = (groups.length - 1 - Math.floor(at / size)) * size + (at % size);
    if (((bits[from >> 3]! >> (from & 7)) & 1) === 1) turned[at >> 3]! |= 1 << (at & 7);
  }
  return { ...elements, '52009230': ['SQ', [...groups].reverse()], '7FE00010': ['OB', turned] };
}

const UNPLACED = 'a segmentation that lies on no image of the source, or on several of which one is meant';

describe('frames of a segmentation', () => {
  it('are found by the images that they name, in any order', async () => {
    expect((await withSegmentations(cine, reversed)).masks).toEqual(Array(6).fill(MASK));
  });

  it('are found by their places where they name no image', async () => {
    const { masks, warnings } = await withSegmentations(still, (elements) =>
      reversed(without(DERIVATION, IMAGES)(elements)),
    );
    expect(masks).toEqual(Array(3).fill(MASK));
    expect(warnings).not.toContain(UNPLACED);
  });

  it('are found by their places among the images listed, which say the phase', async () => {
    expect((await withSegmentations(cine, without(DERIVATION))).masks).toEqual(Array(6).fill(MASK));
  });

  it('are drawn on none of several phases where nothing says which is meant', async () => {
    const { masks, warnings } = await withSegmentations(cine, without(DERIVATION, IMAGES));
    expect(masks).toEqual(Array(6).fill(undefined));
    expect(warnings).toContain(UNPLACED);
  });

  it('are drawn on nothing of another space, place or orientation', async () => {
    const other: readonly ((elements: DicomElements) => DicomElements)[] = [
      (elements) => changed(elements, (tag, element) => (tag === SPACE ? ['UI', '1.2.3.4.6'] : element)),
      (elements) => changed(elements, (tag, element) => (tag === PLACE ? ['DS', [10, 20, 31]] : element)),
      (elements) =>
        changed(elements, (tag, element) => (tag === ORIENTATION ? ['DS', [-0.8, 0, 0.6, 0, 1, 0]] : element)),
    ];
    for (const change of other) {
      const { masks, warnings } = await withSegmentations(still, (elements) =>
        change(without(DERIVATION, IMAGES)(elements)),
      );
      expect(masks).toEqual(Array(3).fill(undefined));
      expect(warnings).toContain(UNPLACED);
    }
  });

  it('are not drawn on an image that they name and lie elsewhere of', async () => {
    const { masks } = await withSegmentations(still, (elements) =>
      changed(elements, (tag, element) => (tag === PLACE ? ['DS', [10, 20, 31]] : element)),
    );
    expect(masks).toEqual(Array(3).fill(undefined));
  });

  it('are refused where they are of no segment that is listed', async () => {
    const { masks, refused } = await withSegmentations(still, without('0062000A'));
    expect(masks).toEqual(Array(3).fill(undefined));
    expect(refused[0]).toMatch(/\.dcm: expected frames of the segments listed, found frame 1 of segment 0$/);
  });
});
