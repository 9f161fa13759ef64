// Every format, written from one project and read into another; see support/round-trips.ts for what each has to bring back.
import fc from 'fast-check';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { counted } from '../../../src-core/datasets/counted.ts';
import { EXPORT_FORMAT_NAMES, EXPORT_FORMATS } from '../../../src-core/datasets/formats/export-formats.ts';
import { IMPORT_FORMATS } from '../../../src-core/datasets/import-formats.ts';
import { presetNumbering } from '../../../src-core/datasets/label-numbering.ts';
import type { LabelPlane } from '../../../src-core/imaging/plane.ts';
import { importDataset, type ImportOptions, type ImportSummary } from '../../../src-main/services/import.ts';
import { Project, REVIEWED, type ProjectVolume } from '../../../src-main/services/project.ts';
import { dicomProject, type DicomProject } from '../../support/dicom-project.ts';
import { maskProject, type MaskProject } from '../../support/mask-project.ts';
import { everyId, labelMaps, labelStacks } from '../../support/random-masks.ts';
import { keepsIgnore, ONLY_READ, ROUND_TRIPS, roundTripsOf, writeAndLayOut } from '../../support/round-trips.ts';
import { geometries, stackProject } from '../../support/stack-project.ts';
import { GEOMETRIES, HEART } from '../../support/volume-project.ts';

describe('the table of round trips', () => {
  it('has one for every export format, or says why not', () => {
    expect(Object.keys(ROUND_TRIPS).sort()).toEqual([...EXPORT_FORMAT_NAMES].sort());
    for (const trips of Object.values(ROUND_TRIPS)) expect(trips.length).toBeGreaterThan(0);
  });

  it('has one for every importer, or says why not', () => {
    const kinds = (['pictures', 'stacks', 'series'] as const).flatMap(roundTripsOf);
    const read = new Set([...kinds.map(({ readBy }) => readBy), ...Object.keys(ONLY_READ)]);
    expect([...read].sort()).toEqual(Object.keys(IMPORT_FORMATS).sort());
  });

  it('loses geometry only where the registry says so', () => {
    for (const kind of ['stacks', 'series'] as const) {
      for (const { format, losesGeometry = false } of roundTripsOf(kind)) {
        const stated = (EXPORT_FORMATS[format].losses as readonly string[]).includes(
          'Voxel size and orientation of volumes.',
        );
        expect({ format, losesGeometry }).toEqual({ format, losesGeometry: stated });
      }
    }
  });
});

interface Imported {
  readonly summary: ImportSummary;
  readonly project: Project;
}

let imports = 0;
async function importInto(folder: string, source: string, options: ImportOptions = {}): Promise<Imported> {
  const target = join(folder, `in ${++imports}`);
  const summary = await importDataset(source, target, { masks: 'reviewed', ...options });
  return { summary, project: Project.open(target, 'read') };
}

const numberOf = (id: string): number => Number(/picture[-_ ](\d{3})/.exec(id)![1]);
const ids = ({ data }: LabelPlane, keepsIgnore: boolean): number[] =>
  [...data].map((id) => (id === 255 && !keepsIgnore ? 0 : id));
const named = (count: number): string[] => Array.from({ length: count }, (_, index) => `class ${index + 1}`);
const showsClass = ({ data }: LabelPlane): boolean => data.some((id) => id > 0 && id < 255);

const placeOf = ({ affine, spacing }: ProjectVolume): number[] => [
  ...affine!.flat(),
  ...[spacing!.x, spacing!.y, spacing!.z],
];

/** What an export has to say of pixels that it cannot leave open. */
function statedLoss(masks: readonly LabelPlane[]): string[] {
  const counts = masks.map(({ data }) => data.filter((id) => id === 255).length).filter((count) => count > 0);
  if (counts.length === 0) return [];
  const pixels = counts.reduce((sum, count) => sum + count);
  const rest = pixels === 1 ? 'is not decided; here it is' : 'are not decided; here they are';
  return [`${counted(pixels, 'pixel')} in ${counted(counts.length, 'image')} ${rest} background.`];
}

describe('masks, classes, tags and splits of pictures', () => {
  let built: MaskProject;
  beforeAll(async () => {
    built = await maskProject(undefined, { reviewed: { 0: 'corrected', 2: 'accepted' } });
  });
  afterAll(() => built.remove());

  it.each(roundTripsOf('pictures'))('come back from $title', async (trip) => {
    const { source } = await writeAndLayOut(built, trip);
    const { summary, project } = await importInto(built.folder, source);
    expect(summary).toMatchObject({ format: trip.readBy, refused: [], items: 4, tags: 4 });
    expect(project.classes).toEqual(['cat', 'dog']);
    const items = new Map(project.items.map((item) => [numberOf(item.id), item]));
    for (const original of built.project.items) {
      const item = items.get(numberOf(original.id))!;
      const mask = project.readLabelMap(item.id, REVIEWED)!;
      expect(ids(mask, true)).toEqual(ids(built.stored(original.id), keepsIgnore(trip)));
      expect([item.state, item.width, item.height]).toEqual(['accepted', mask.width, mask.height]);
      // Masks alone say nothing of splits.
      if (trip.beside === undefined) expect(item.split).toBe(original.split);
      const present = [1, 2].map((label) => (mask.data.includes(label) ? 1 : 0));
      if (trip.beside === undefined)
        expect(project.tags().find((tag) => tag.item === item.id)?.present).toEqual(present);
    }
    project.close();
  });
});

describe('random masks of pictures', () => {
  it.each(roundTripsOf('pictures'))('come back from $title, label for label', async (trip) => {
    const some = fc.constantFrom(2, 3, trip.most ?? 254).chain((count) =>
      fc.record({
        count: fc.constant(count),
        // Where nothing is outlined anywhere, an image without outlines is no mask.
        maps: fc.array(labelMaps(count, 16), { minLength: 3, maxLength: 3 }).filter((maps) => maps.some(showsClass)),
      }),
    );
    const most = trip.most ?? 254;
    await fc.assert(
      fc.asyncProperty(some, async ({ count, maps }) => {
        const classes = named(count);
        const built = await maskProject(maps, { classes });
        try {
          const { source, losses } = await writeAndLayOut(built, trip);
          expect(losses.filter((loss) => loss.includes('not decided'))).toEqual(
            keepsIgnore(trip) ? [] : statedLoss(maps),
          );
          const { summary, project } = await importInto(built.folder, source, { classes });
          expect(summary.refused).toEqual([]);
          const items = new Map(project.items.map(({ id }) => [numberOf(id), id]));
          for (const { id } of built.project.items) {
            const mask = project.readLabelMap(items.get(numberOf(id))!, REVIEWED)!;
            expect(ids(mask, true)).toEqual(ids(built.stored(id), keepsIgnore(trip)));
          }
          project.close();
        } finally {
          await built.remove();
        }
      }),
      { numRuns: 3, examples: [[{ count: most, maps: [everyId(most), HEART, everyId(2)] }]] },
    );
  });
});

describe('random masks of volumes', () => {
  it.each(roundTripsOf('stacks'))('come back from $title with their place, label for label', async (trip) => {
    const some = fc.constantFrom(2, 254).chain((count) =>
      fc.record({
        count: fc.constant(count),
        stacks: fc
          .array(fc.record({ geometry: geometries(), masks: labelStacks(count, 9, 3) }), { minLength: 3, maxLength: 3 })
          .filter((stacks) => stacks.every(({ masks }) => masks.some(showsClass))),
      }),
    );
    const canary = GEOMETRIES.slice(0, 3).map((geometry) => ({ geometry, masks: [HEART, HEART] }));
    canary[1] = {
      ...canary[1]!,
      masks: [everyId(254), everyId(3)].map((mask) => ({ ...everyId(254), ...mask })).slice(0, 1),
    };
    await fc.assert(
      fc.asyncProperty(some, async ({ count, stacks }) => {
        const classes = named(count);
        const built = await stackProject(stacks, classes);
        try {
          const { source, losses } = await writeAndLayOut(built, trip);
          const masks = stacks.flatMap((stack) => stack.masks);
          const undecided = statedLoss(masks).map((loss) =>
            keepsIgnore(trip) ? `In label, not in scribble: ${loss}` : loss,
          );
          expect(losses).toEqual(
            trip.losesGeometry ? [`Voxel size and orientation of ${stacks.length} volumes.`, ...undecided] : [],
          );
          const { summary, project } = await importInto(built.folder, source, { classes });
          expect(summary).toMatchObject({ format: trip.readBy, refused: [], volumes: stacks.length });
          for (const original of built.project.items) {
            const item = project.items.find(
              ({ group, slice }) => basename(group) === original.group && slice === original.slice,
            )!;
            const mask = project.readLabelMap(item.id, REVIEWED)!;
            expect(ids(mask, true)).toEqual(ids(built.stored(original.id), keepsIgnore(trip)));
          }
          for (const volume of trip.losesGeometry ? [] : built.project.volumes) {
            const again = project.volumes.find(({ patient }) => basename(patient) === volume.patient)!;
            expect([again.affine, again.spacing]).toEqual([volume.affine, volume.spacing]);
          }
          project.close();
        } finally {
          await built.remove();
        }
      }),
      { numRuns: 4, examples: [[{ count: 254, stacks: canary }]] },
    );
  });
});

describe('random masks of DICOM series', () => {
  it.each(roundTripsOf('series'))('come back from $title with their place, label for label', async (trip) => {
    const some = fc.constantFrom(2, 254).chain((count) =>
      fc.record({
        count: fc.constant(count),
        masks: labelStacks(count, 12, 4).filter((masks) => masks.every(showsClass)),
      }),
    );
    await fc.assert(
      fc.asyncProperty(some, async ({ count, masks }) => {
        const classes = named(count);
        const built: DicomProject = await dicomProject(3, 2, { masks, classes });
        try {
          const { source, losses } = await writeAndLayOut(built, trip);
          const { items, volumes } = built.project;
          const stored = items.map(({ id }) => built.stored(id));
          expect(losses).toEqual(keepsIgnore(trip) ? [] : statedLoss(stored));
          const { summary, project } = await importInto(built.folder, source);
          expect(summary).toMatchObject({ format: trip.readBy, refused: [], volumes: 2, masks: 2 });
          // Classes that no image shows have no segment, so names are compared.
          const names = (all: readonly string[], mask: LabelPlane): string[] =>
            ids(mask, keepsIgnore(trip)).map((id) => all[id - 1] ?? String(id));
          const again = project.items.map(({ id }) => names(project.classes, project.readLabelMap(id, REVIEWED)!));
          expect(again).toEqual(stored.map((mask) => names(classes, mask)));
          const [was, is] = [volumes, project.volumes].map((all) => all.flatMap(placeOf));
          expect(is).toHaveLength(was!.length);
          is!.forEach((value, index) => expect(value).toBeCloseTo(was![index]!, 4));
          project.close();
        } finally {
          await built.remove();
        }
      }),
      { numRuns: 3, examples: [[{ count: 254, masks: [HEART] }], [{ count: 254, masks: [everyId(254)] }]] },
    );
  });
});

describe('classes that are numbered the other way round, as M&Ms does', () => {
  const MNMS = presetNumbering('mnms');
  const CLASSES = ['RV', 'MYO', 'LV'];
  let stacks: MaskProject;
  let series: DicomProject;
  let pictures: MaskProject;
  beforeAll(async () => {
    const drawn = GEOMETRIES.slice(0, 3).map((geometry) => ({ geometry, masks: [HEART] }));
    [stacks, series] = await Promise.all([stackProject(drawn, CLASSES), dicomProject()]);
    pictures = await maskProject([HEART, HEART, HEART], { classes: CLASSES });
  });
  afterAll(() => Promise.all([stacks.remove(), series.remove(), pictures.remove()]));

  const kinds = (['pictures', 'stacks', 'series'] as const).flatMap((kind) =>
    roundTripsOf(kind).map((trip) => ({ ...trip, kind })),
  );
  it.each(kinds)('come back from $title of $kind under their names', async (trip) => {
    const built = { pictures, stacks, series }[trip.kind];
    const { source } = await writeAndLayOut(built, trip, MNMS);
    const { project } = await importInto(built.folder, source);
    const names = (classes: readonly string[], { data }: LabelPlane): string[] =>
      Array.from(data, (id) => classes[id - 1] ?? (id === 255 && keepsIgnore(trip) ? 'open' : 'background'));
    expect([...project.classes].sort()).toEqual([...CLASSES].sort());
    expect(project.items).toHaveLength(built.project.items.length);
    for (const { id } of project.items) {
      expect(names(project.classes, project.readLabelMap(id, REVIEWED)!)).toEqual(names(CLASSES, HEART));
    }
    project.close();
  });
});
