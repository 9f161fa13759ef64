// Real hearts, exported and read back: ACDC as nnU-Net, NIfTI and YOLO, Sunnybrook's pictures with masks as COCO, VOC, YOLO and PNG.
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabelPlane } from '../../../src-core/imaging/plane.ts';
import { exportProject, type ExportOptions, type ExportSummary } from '../../../src-main/services/export/export.ts';
import { importDataset, type ImportOptions } from '../../../src-main/services/import.ts';
import { Project, REVIEWED, type ProjectItem, type ProjectVolume } from '../../../src-main/services/project.ts';
import { fillHoles, type Filled } from '../../support/fill-holes.ts';
import { realData } from '../../support/real-data.ts';

const acdc = realData('acdc');
const sunnybrook = realData('sunnybrook');
/** Set, all patients make the trips: some minutes. Else the first of each data set. */
const WHOLE = process.env['UNIA_DATA_WHOLE'] !== undefined;
/** Hundreds of images each. */
const SLOW = 300_000;

/** A project of a source with its masks reviewed, and what is made of it, in a folder of its own. */
class Journey {
  readonly folder = mkdtempSync(join(tmpdir(), 'unia real '));
  source!: string;
  project!: Project;
  private readonly opened: Project[] = [];

  /** @param isPart - whether a file is of the part that is looked at where not all are */
  async begin(source: string, isPart: (path: string) => boolean, options: ImportOptions): Promise<void> {
    this.source = WHOLE ? source : join(this.folder, 'part');
    const filter = (path: string): boolean => statSync(path).isDirectory() || isPart(path);
    if (!WHOLE) cpSync(source, this.source, { recursive: true, filter });
    this.project = await this.import(this.source, options);
  }

  async import(source: string, options: ImportOptions = {}): Promise<Project> {
    const target = join(this.folder, `project ${this.opened.length}`);
    const summary = await importDataset(source, target, { masks: 'reviewed', ...options });
    expect(summary.refused).toEqual([]);
    const project = Project.open(target, 'read');
    this.opened.push(project);
    return project;
  }

  async export(request: Omit<ExportOptions, 'directory'>): Promise<ExportSummary> {
    const directory = join(this.folder, `out ${request.format} ${this.opened.length}`);
    return exportProject(this.project, { ...request, directory });
  }

  /** Masks that are not as they were, by the name that an image has in both projects. */
  changed(
    again: Project,
    nameOf: (item: ProjectItem) => string,
    expected: (mask: LabelPlane, id: string) => LabelPlane = (mask) => mask,
  ): string[] {
    const before = new Map(this.project.items.map((item) => [nameOf(item), item]));
    return again.items.map(nameOf).filter((name, index) => {
      const item = again.items[index]!;
      const original = before.get(name);
      if (!original || original.split !== item.split) return true;
      const [was, is] = [this.project, again].map((project, side) =>
        project.readLabelMap(side === 0 ? original.id : item.id, REVIEWED),
      );
      if (!was || !is || was.width !== is.width || was.height !== is.height) return true;
      return Buffer.compare(expected(was, original.id).data, is.data) !== 0;
    });
  }

  end(): void {
    for (const project of this.opened) project.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const patients = ({ items }: Project): string[] => [...new Set(items.map(({ group }) => group))].sort();

describe.skipIf(acdc.missing !== undefined)('ACDC', () => {
  const journey = new Journey();
  beforeAll(
    () =>
      journey.begin(acdc.folder, (path) => /patient0(0\d|10)/.test(path), {
        split: { kind: 'modulus', modulus: 5, validation: 0.1, seed: 0 },
      }),
    SLOW,
  );
  afterAll(() => journey.end());

  /** Header fields of a NIfTI-1 file that say where its voxels lie: extents, voxel sizes, units, qform and sform. */
  const geometry = (file: Buffer): Buffer =>
    Buffer.concat([file.subarray(40, 48), file.subarray(76, 108), file.subarray(123, 124), file.subarray(252, 328)]);
  const unzipped = (path: string): Buffer => gunzipSync(readFileSync(path));
  const truthOf = ({ source }: ProjectVolume): Buffer =>
    unzipped(source.absolutePath.replace(/\.nii\.gz$/, '_gt.nii.gz'));
  /** Voxels of a file of one byte a voxel, which ACDC's masks and our label maps are. */
  const voxels = (file: Buffer): Buffer => file.subarray(file.readFloatLE(108));
  const differences = (files: (volume: ProjectVolume) => readonly (readonly [Buffer, Buffer])[]): string[] =>
    journey.project.volumes
      .filter((volume) => files(volume).some(([ours, theirs]) => !ours.equals(theirs)))
      .map(({ id }) => id);

  it(
    'comes back from nnU-Net label for label, its images byte for byte',
    async () => {
      const { directory, losses, checks } = await journey.export({ format: 'nnunet', settings: { folds: 1 } });
      expect(losses).toEqual([]);
      expect(checks.filter(({ level }) => level !== 'good')).toEqual([]);
      const again = await journey.import(directory);
      expect(again.classes).toEqual(['RV', 'MYO', 'LV']);
      expect(again.items).toHaveLength(journey.project.items.length);
      expect(again.volumes).toHaveLength(journey.project.volumes.length);
      expect(journey.changed(again, ({ id }) => id)).toEqual([]);
      expect(patients(again)).toEqual(patients(journey.project));
      const files = new Map(again.volumes.map(({ id, source }) => [id, source.absolutePath]));
      expect(
        differences((volume) => {
          const path = files.get(volume.id)!;
          const label = unzipped(path.replace(/images(T[rs])/, 'labels$1').replace('_0000', ''));
          return [
            [unzipped(path), unzipped(volume.source.absolutePath)],
            [geometry(label), geometry(truthOf(volume))],
            [voxels(label), voxels(truthOf(volume))],
          ];
        }),
      ).toEqual([]);
    },
    SLOW,
  );

  it(
    'has as NIfTI label maps the voxels and the geometry of the challenge’s own masks',
    async () => {
      const { directory } = await journey.export({ format: 'nifti' });
      expect(
        differences((volume) => {
          const label = unzipped(join(directory, `${volume.id}_seg.nii.gz`));
          return [
            [geometry(label), geometry(truthOf(volume))],
            [voxels(label), voxels(truthOf(volume))],
          ];
        }),
      ).toEqual([]);
    },
    SLOW,
  );

  it(
    'loses in YOLO with filled holes just the holes that the export counted',
    async () => {
      const request = { format: 'yolo', split: 'test', settings: { holes: 'fill' } } as const;
      const { directory, losses } = await journey.export(request);
      const again = await journey.import(directory);
      const filled = new Map<string, Filled>();
      for (const { id, split } of journey.project.items) {
        if (split === 'test') filled.set(id, fillHoles(journey.project.readLabelMap(id, REVIEWED)!, [1, 2, 3]));
      }
      const all = [...filled.values()];
      const sum = (of: (each: Filled) => number): number => all.reduce((total, each) => total + of(each), 0);
      const withHoles = all.filter(({ holes }) => holes > 0).length;
      const divided = all.flatMap(({ parts }) => parts.filter((count) => count > 1));
      expect(sum(({ holes }) => holes)).toBeGreaterThan(10);
      const figures = losses.map((loss) => (loss.match(/\d+/g) ?? []).map(Number));
      expect(figures).toEqual([
        [journey.project.volumes.filter(({ split }) => split === 'test').length],
        [sum(({ holes }) => holes), withHoles],
        ...(divided.length > 0 ? [[divided.length, divided.reduce((a, b) => a + b)]] : []),
      ]);
      const name = ({ id }: ProjectItem): string => basename(id).replace(/\.png$/, '');
      expect(again.items).toHaveLength(filled.size);
      expect(journey.changed(again, name, (_, id) => filled.get(id)!.mask)).toEqual([]);
    },
    SLOW,
  );
});

describe.skipIf(sunnybrook.missing !== undefined)('Sunnybrook’s pictures with masks', () => {
  const journey = new Journey();
  const patientPattern = /SC-[A-Z]+(?:-[A-Z]+)?-\d+/;
  const nameOf = ({ id }: ProjectItem): string => /SC-.*\d(?=\.dcm)/.exec(id)![0];
  beforeAll(
    () =>
      journey.begin(sunnybrook.folder, (path) => /SC-[A-Z-]+-0?[1-3]-/.test(path), {
        labelNames: { 255: 'LV' },
        patientPattern,
      }),
    SLOW,
  );
  afterAll(() => journey.end());

  const ROUND_TRIPS = [
    { title: 'COCO run lengths', format: 'coco', settings: { segmentation: 'rle' } },
    { title: 'COCO polygons', format: 'coco', settings: { segmentation: 'polygon', objects: 'part' } },
    { title: 'Pascal VOC', format: 'voc', settings: {} },
    { title: 'YOLO', format: 'yolo', settings: {} },
  ];

  it.each(ROUND_TRIPS)(
    'come back from $title pixel for pixel, each patient in its split',
    async ({ format, settings }) => {
      const { directory, losses } = await journey.export({ format, settings });
      expect(losses).toEqual([]);
      const again = await journey.import(directory, { patientPattern });
      expect([again.classes, patients(again)]).toEqual([['LV'], patients(journey.project)]);
      expect(again.items).toHaveLength(journey.project.items.length);
      expect(journey.changed(again, nameOf)).toEqual([]);
    },
    SLOW,
  );

  it(
    'come back from palette PNG laid beside the pictures',
    async () => {
      const { directory } = await journey.export({ format: 'png' });
      const source = join(journey.folder, 'pairs');
      cpSync(join(journey.source, 'images'), join(source, 'images'), { recursive: true });
      cpSync(join(directory, 'images'), join(source, 'masks'), { recursive: true });
      cpSync(join(directory, 'labels.json'), join(source, 'labels.json'));
      const again = await journey.import(source, { patientPattern });
      expect(again.classes).toEqual(['LV']);
      expect(again.items).toHaveLength(journey.project.items.length);
      expect(journey.changed(again, ({ id }) => /SC-.*(?=\.dcm)/.exec(id)![0])).toEqual([]);
    },
    SLOW,
  );
});
