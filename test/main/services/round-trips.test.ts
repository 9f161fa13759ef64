// Every format of annotated pictures, written from one project and read into another.
import fc from 'fast-check';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabelPlane } from '../../../src-core/imaging/plane.ts';
import { importDataset, type ImportOptions, type ImportSummary } from '../../../src-main/services/import.ts';
import { Project, REVIEWED } from '../../../src-main/services/project.ts';
import { maskProject, type MaskProject } from '../../support/mask-project.ts';
import { labelMaps } from '../../support/random-masks.ts';

interface RoundTrip {
  readonly title: string;
  readonly format: string;
  readonly settings?: Readonly<Record<string, string>>;
  /** Whether pixels that are not decided come back as such. */
  readonly keepsIgnore?: boolean;
  /** Label ids go no higher. */
  readonly most?: number;
}

const ROUND_TRIPS: readonly RoundTrip[] = [
  { title: 'COCO run lengths', format: 'coco', settings: { segmentation: 'rle', objects: 'class' } },
  { title: 'COCO polygons', format: 'coco', settings: { segmentation: 'polygon', objects: 'part' } },
  { title: 'Pascal VOC', format: 'voc', keepsIgnore: true },
  { title: 'YOLO', format: 'yolo', settings: { holes: 'join' } },
  { title: 'Cityscapes', format: 'cityscapes', keepsIgnore: true, most: 64 },
  { title: 'CVAT', format: 'cvat' },
  { title: 'Datumaro', format: 'datumaro' },
  { title: 'Label Studio', format: 'label-studio' },
  { title: 'nnU-Net', format: 'nnunet', keepsIgnore: true },
];

interface Imported {
  readonly summary: ImportSummary;
  readonly project: Project;
  /** Number of the picture → its item. */
  readonly items: ReadonlyMap<number, string>;
}

let imports = 0;
async function importInto(folder: string, source: string, options: ImportOptions = {}): Promise<Imported> {
  const target = join(folder, `in ${++imports}`);
  const summary = await importDataset(source, target, { masks: 'reviewed', ...options });
  const project = Project.open(target, 'read');
  return { summary, project, items: new Map(project.items.map(({ id }) => [numberOf(id), id])) };
}

const numberOf = (id: string): number => Number(/picture[-_ ](\d{3})/.exec(id)![1]);
const ids = ({ data }: LabelPlane, keepsIgnore: boolean): number[] =>
  [...data].map((id) => (id === 255 && !keepsIgnore ? 0 : id));

const showsClass = ({ data }: LabelPlane): boolean => data.some((id) => id > 0 && id < 255);

describe('masks, classes, tags and splits', () => {
  let built: MaskProject;
  beforeAll(async () => {
    built = await maskProject(undefined, { reviewed: { 0: 'corrected', 2: 'accepted' } });
  });
  afterAll(() => built.remove());

  it.each(ROUND_TRIPS)('come back from $title', async ({ format, settings, keepsIgnore = false }) => {
    const { directory } = await built.export({ format, ...(settings && { settings }) });
    const { summary, project, items } = await importInto(built.folder, directory);
    expect(summary).toMatchObject({ format, refused: [], items: 4, tags: 4 });
    expect(project.classes).toEqual(['cat', 'dog']);
    for (const original of built.project.items) {
      const id = items.get(numberOf(original.id))!;
      const mask = project.readLabelMap(id, REVIEWED)!;
      expect(ids(mask, true)).toEqual(ids(built.stored(original.id), keepsIgnore));
      const item = project.items.find((each) => each.id === id)!;
      expect([item.state, item.split, item.width, item.height]).toEqual([
        'accepted',
        original.split,
        mask.width,
        mask.height,
      ]);
      const present = [1, 2].map((label) => (mask.data.includes(label) ? 1 : 0));
      expect(project.tags().find((tag) => tag.item === id)?.present).toEqual(present);
    }
    project.close();
  });
});

describe('random masks', () => {
  it.each(ROUND_TRIPS)(
    'come back from $title, label for label',
    async ({ format, settings, keepsIgnore = false, most = 254 }) => {
      const some = fc.constantFrom(2, 3, most).chain((count) =>
        fc.record({
          count: fc.constant(count),
          // Where nothing is outlined anywhere, an image without outlines is no mask.
          maps: fc.array(labelMaps(count, 16), { minLength: 3, maxLength: 3 }).filter((maps) => maps.some(showsClass)),
        }),
      );
      await fc.assert(
        fc.asyncProperty(some, async ({ count, maps }) => {
          const classes = Array.from({ length: count }, (_, index) => `class ${index + 1}`);
          const built = await maskProject(maps, { classes });
          try {
            const { directory } = await built.export({ format, ...(settings && { settings }) });
            const { summary, project, items } = await importInto(built.folder, directory, { classes });
            expect(summary.refused).toEqual([]);
            for (const { id } of built.project.items) {
              const mask = project.readLabelMap(items.get(numberOf(id))!, REVIEWED)!;
              expect(ids(mask, true)).toEqual(ids(built.stored(id), keepsIgnore));
            }
            project.close();
          } finally {
            await built.remove();
          }
        }),
        { numRuns: 3 },
      );
    },
  );
});
