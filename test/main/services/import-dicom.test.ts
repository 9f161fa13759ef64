import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FoundVolume, ScanEvent } from '../../../src-core/datasets/importer.ts';
import { importDataset, makeProject, scanSource } from '../../../src-main/services/import.ts';
import { openImageData } from '../../../src-main/services/image-data.ts';
import { Project } from '../../../src-main/services/project.ts';
import { dicomBytes, sliceElements, sopInstance, type DicomElements } from '../../support/dicom-bytes.ts';
import { put, temporaryFolder } from '../../support/source-folders.ts';

const WIDTH = 4;
const HEIGHT = 3;
const SLICES = 3;
const PHASES = 2;

/** Brightness tells place and moment. */
const brightness = (slice: number, phase: number): number => 100 * slice + 10 * phase;

/** A cine in one folder, its files in disorder: file names and instance numbers say nothing of place and time. */
function writeCine(folder: string, patient: string): void {
  let instance = 0;
  for (const slice of [2, 0, 1]) {
    for (const phase of [1, 0]) {
      instance += 1;
      const values = Array.from({ length: WIDTH * HEIGHT }, (_, at) => brightness(slice, phase) + at);
      // Oblique: columns towards the feet, rows towards the back; slices lie 8 mm apart along x.
      const position = [10 + 8 * slice, 20, 30];
      const orientation = [0, 0, -1, 0, 1, 0];
      const elements = sliceElements({
        ...{ patient, instance, position, orientation, trigger: phase * 40, width: WIDTH, height: HEIGHT, values },
      });
      put(folder, `${patient}/A/B/IM${String(instance).padStart(4, '0')}`, dicomBytes(elements));
    }
  }
}

/** A segmentation of one segment, `LV`, that draws one pixel on the image of each instance. */
function segmentation(
  patient: string,
  drawn: readonly { instance: number; pixel: number }[],
  height = HEIGHT,
): Uint8Array {
  const bits = new Uint8Array(Math.ceil((drawn.length * WIDTH * height) / 8));
  drawn.forEach(({ pixel }, frame) => {
    const at = frame * WIDTH * height + pixel;
    bits[at >> 3]! |= 1 << (at & 7);
  });
  const elements: DicomElements = {
    ...sliceElements({ patient, instance: 900, width: WIDTH, height, values: [] }),
    '00080016': ['UI', '1.2.840.10008.5.1.4.1.1.66.4'],
    '00080060': ['CS', 'SEG'],
    '00280008': ['IS', [drawn.length]],
    ...{ '00280100': ['US', [1]], '00280101': ['US', [1]], '00280102': ['US', [0]] },
    '00620001': ['CS', 'BINARY'],
    '00620002': ['SQ', [{ '00620004': ['US', [1]], '00620005': ['LO', 'LV'] }]],
    '52009230': [
      'SQ',
      drawn.map(({ instance }): DicomElements => ({
        '0062000A': ['SQ', [{ '0062000B': ['US', [1]] }]],
        '00089124': ['SQ', [{ '00082112': ['SQ', [{ '00081155': ['UI', sopInstance(patient, 1, instance)] }]] }]],
      })),
    ],
    '7FE00010': ['OB', bits],
  };
  return dicomBytes(elements);
}

/** The volumes that a scan found. */
function volumesOf(events: readonly ScanEvent[]): FoundVolume[] {
  return events.flatMap((event) => (event.kind === 'volume' ? [event.volume] : []));
}

describe('import of DICOM', () => {
  it('sorts a cine by place and moment whatever its files are called, and keeps where it lies', async () => {
    const folder = temporaryFolder();
    writeCine(join(folder, 's'), 'P1');
    put(folder, 's/readme.txt', 'hello');
    const summary = await importDataset(join(folder, 's'), join(folder, 'p'), { classes: ['LV'] });
    expect(summary).toMatchObject({
      format: 'dicom',
      patients: 1,
      volumes: PHASES,
      items: PHASES * SLICES,
      refused: [],
    });
    expect(summary.why).toBe('6 of 6 files looked into begin as DICOM files do');
    expect(summary.warnings).toContainEqual({ file: '', message: '1 other file of the folder is no DICOM file' });
    const project = Project.open(join(folder, 'p'), 'read');
    const decoded = await Promise.all(project.items.map(({ id }) => openImageData(project).image(id)));
    expect(project.items.map(({ id }) => id)).toEqual(
      ['01', '02'].flatMap((phase) => ['00', '01', '02'].map((z) => `patient-001_series01_phase${phase}_z${z}`)),
    );
    // Columns run towards the feet and rows towards the back, so the normal points to the left, where slice 2 lies.
    const [first] = project.volumes;
    const { low, high } = first!.range;
    const darkest = decoded.map(({ data }) => Math.round(data[0]! * (high - low) + low));
    const expected = [0, 1].flatMap((phase) => [0, 1, 2].map((slice) => Math.max(low, brightness(slice, phase))));
    expect(darkest.slice(1, 3)).toEqual(expected.slice(1, 3));
    expect(first?.spacing).toEqual({ x: 1.25, y: 1.5, z: 8 });
    expect(first?.affine).toEqual([
      [0, 0, -8, -10],
      [0, -1.5, 0, -20],
      [-1.25, 0, 0, 30],
    ]);
    expect(first?.shown).toEqual({ low: -0.5, high: 199.5 });
    expect(project.volumes.map(({ frame }) => frame)).toEqual([1, 2]);
    project.close();
  });

  it('keeps no name, number or date of a patient, and says what it left out', async () => {
    const folder = temporaryFolder();
    writeCine(join(folder, 's'), 'P1');
    const summary = await importDataset(join(folder, 's'), join(folder, 'p'), { classes: ['LV'] });
    expect(summary.privacy).toMatchObject({ patients: 'numbered', burnedIn: 0 });
    expect(summary.privacy?.dropped).toContainEqual({ name: 'PatientName', files: 6 });
    expect(summary.privacy?.dropped).toContainEqual({ name: 'private elements', files: 6 });
    const project = Project.open(join(folder, 'p'), 'write');
    project.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    project.close();
    for (const name of readdirSync(join(folder, 'p'), { recursive: true, encoding: 'utf8' })) {
      if (!/\.(?:db|db-wal|unia)$/.test(name)) continue;
      const stored = readFileSync(join(folder, 'p', name), 'latin1');
      for (const secret of ['SECRETNAME', 'SECRETID', 'SECRET HOSPITAL', '20240131', sopInstance('P1', 1, 1)]) {
        expect(stored.includes(secret), `${secret} in ${name}`).toBe(false);
      }
    }
  });

  it('keeps the identifiers of patients when asked to', async () => {
    const folder = temporaryFolder();
    writeCine(join(folder, 's'), 'P1');
    const options = { classes: ['LV'], keepIdentity: true };
    const summary = await importDataset(join(folder, 's'), join(folder, 'p'), options);
    expect(summary.privacy).toMatchObject({ patients: 'kept' });
    const project = Project.open(join(folder, 'p'), 'read');
    expect(project.items[0]?.group).toBe('SECRETID-P1');
    project.close();
  });

  it('takes slices that are series of their own as one recording', async () => {
    const folder = temporaryFolder();
    for (let slice = 0; slice < SLICES; slice += 1) {
      for (let phase = 0; phase < PHASES; phase += 1) {
        const values = new Array<number>(WIDTH * HEIGHT).fill(brightness(slice, phase));
        const fields = {
          series: 10 + slice,
          instance: phase + 1,
          position: [0, 0, 8 * slice],
          width: WIDTH,
          height: HEIGHT,
        };
        put(folder, `s/sax_${slice}/IM-${phase}.dcm`, dicomBytes(sliceElements({ ...fields, values })));
      }
    }
    const { summary, events } = await scanSource(join(folder, 's'));
    expect(summary).toMatchObject({ volumes: PHASES, items: PHASES * SLICES, classes: [] });
    expect(summary.warnings.map(({ message }) => message)).toContain(
      '3 series of one slice each are taken as one recording',
    );
    const volumes = events.flatMap((event) => (event.kind === 'volume' ? [event.volume] : []));
    expect(volumes[1]?.parts).toEqual([0, 1, 2].map((slice) => ({ file: `sax_${slice}/IM-1.dcm`, frame: 0 })));
  });

  it('sorts moments by the number of the image where no time is told', async () => {
    const folder = temporaryFolder();
    for (const [slice, phase, instance] of [
      [0, 0, 2],
      [0, 1, 10],
      [1, 0, 3],
      [1, 1, 11],
    ] as const) {
      const values = new Array<number>(WIDTH * HEIGHT).fill(brightness(slice, phase));
      const fields = { instance, position: [0, 0, 8 * slice], width: WIDTH, height: HEIGHT, values };
      put(folder, `s/${20 - instance}.dcm`, dicomBytes(sliceElements(fields)));
    }
    const { events } = await scanSource(join(folder, 's'));
    const parts = volumesOf(events).map((volume) => volume.parts?.map(({ file }) => 20 - parseInt(file, 10)));
    expect(parts).toEqual([
      [2, 3],
      [10, 11],
    ]);
  });

  it('takes the frames of one file apart by the place and moment that each of them states', async () => {
    const folder = temporaryFolder();
    // Slices from the head down, the later moment first.
    const frames = [1, 0].flatMap((slice) => [1, 0].map((phase) => ({ slice, phase })));
    const values = frames.flatMap(({ slice, phase }) =>
      new Array<number>(WIDTH * HEIGHT).fill(brightness(slice, phase)),
    );
    const more: DicomElements = {
      '00280008': ['IS', [frames.length]],
      '52009229': [
        'SQ',
        [
          {
            '00209116': ['SQ', [{ '00200037': ['DS', [1, 0, 0, 0, 1, 0]] }]],
            '00289110': ['SQ', [{ '00280030': ['DS', [1.5, 1.25]], '00180050': ['DS', [8]] }]],
            '00289145': ['SQ', [{ '00281052': ['DS', [5]], '00281053': ['DS', [2]] }]],
          },
        ],
      ],
      '52009230': [
        'SQ',
        frames.map(({ slice, phase }): DicomElements => ({
          '00209113': ['SQ', [{ '00200032': ['DS', [-30, 20, 7 * slice]] }]],
          '00189118': ['SQ', [{ '00209153': ['FD', Buffer.from(Float64Array.of(40 * phase).buffer)] }]],
        })),
      ],
    };
    const elements = sliceElements({ instance: 1, width: WIDTH, height: HEIGHT, values, more });
    put(folder, 's/enhanced.dcm', dicomBytes(elements));
    const summary = await importDataset(join(folder, 's'), join(folder, 'p'), { classes: ['LV'] });
    expect(summary).toMatchObject({ patients: 1, volumes: 2, items: 4, refused: [] });
    const project = Project.open(join(folder, 'p'), 'read');
    const data = openImageData(project);
    const seen = await Promise.all(project.items.map(async ({ id }) => (await data.pixels(id))[0]));
    expect(seen).toEqual([0, 1].flatMap((phase) => [0, 1].map((slice) => 2 * brightness(slice, phase) + 5)));
    expect(project.volumes[0]).toMatchObject({ spacing: { x: 1.25, y: 1.5, z: 7 } });
    expect(project.volumes[0]?.affine).toEqual([
      [-1.25, 0, 0, 30],
      [0, -1.5, 0, -20],
      [0, 0, 7, 0],
    ]);
    project.close();
  });

  it('takes a film without places as moments of one slice', async () => {
    const folder = temporaryFolder();
    const values = [0, 1, 2].flatMap((phase) => new Array<number>(WIDTH * HEIGHT).fill(brightness(0, phase)));
    const more: DicomElements = { '00280008': ['IS', [3]], '00181063': ['DS', [40]] };
    const elements = sliceElements({ instance: 1, width: WIDTH, height: HEIGHT, values, more });
    put(folder, 's/echo.dcm', dicomBytes(elements));
    const { events } = await scanSource(join(folder, 's'), { classes: ['LV'] });
    expect(volumesOf(events).map(({ frame, parts }) => [frame, parts?.map((part) => part.frame)])).toEqual([
      [1, [0]],
      [2, [1]],
      [3, [2]],
    ]);
  });

  it('names ED and ES where the files do', async () => {
    const folder = temporaryFolder();
    for (const [phase, name] of ['END_DIASTOLE', 'END_SYSTOLE'].entries()) {
      const fields = { instance: phase + 1, position: [0, 0, 0], width: WIDTH, height: HEIGHT };
      const more: DicomElements = { '00189236': ['CS', name] };
      const values = new Array<number>(WIDTH * HEIGHT).fill(phase);
      put(folder, `s/${phase}.dcm`, dicomBytes(sliceElements({ ...fields, values, more })));
    }
    const { summary } = await scanSource(join(folder, 's'));
    expect(summary.phases).toEqual({ ED: 1, ES: 1 });
  });

  it('takes segmentations as masks: as truth, as reviewed, or as a start', async () => {
    const folder = temporaryFolder();
    writeCine(join(folder, 's'), 'P1');
    // Instance 3 is slice 0 in phase 2, instance 5 slice 1 in phase 2.
    const drawn = [
      { instance: 3, pixel: 1 },
      { instance: 5, pixel: 7 },
    ];
    put(folder, 's/seg.dcm', segmentation('P1', drawn));
    const scan = await scanSource(join(folder, 's'));
    expect(scan.summary).toMatchObject({ classes: ['LV'], masks: 1, tags: SLICES, refused: [] });
    expect(scan.summary.classCounts).toEqual([{ positive: 2, negative: 1 }]);
    const id = (slice: number) => `patient-001_series01_phase02_z0${slice}`;
    const pixels = (plane: { data: Uint8Array } | undefined) =>
      plane && [...plane.data.keys()].filter((at) => plane.data[at] === 1);

    await makeProject(scan, join(folder, 'truth'));
    const truth = Project.open(join(folder, 'truth'), 'read');
    const data = openImageData(truth);
    expect(pixels(await data.truth(id(0)))).toEqual([1]);
    expect(pixels(await data.truth(id(1)))).toEqual([7]);
    expect(pixels(await data.truth(id(2)))).toEqual([]);
    expect(await data.truth('patient-001_series01_phase01_z00')).toBeUndefined();
    expect(await data.reviewed(id(0))).toBeUndefined();
    truth.close();

    await makeProject(scan, join(folder, 'reviewed'), { masks: 'reviewed' });
    const reviewed = Project.open(join(folder, 'reviewed'), 'read');
    expect(reviewed.state(id(1))).toBe('accepted');
    expect(pixels(await openImageData(reviewed).reviewed(id(1)))).toEqual([7]);
    expect(await openImageData(reviewed).truth(id(1))).toBeUndefined();
    reviewed.close();

    await makeProject(scan, join(folder, 'start'), { masks: 'start' });
    const start = Project.open(join(folder, 'start'), 'read');
    const [run] = start.runs();
    expect(run).toMatchObject({ status: 'finished', configuration: { kind: 'imported-masks' } });
    expect(start.state(id(1))).toBe('pending');
    expect(pixels(start.readPrediction(run!.id, id(1))?.labels['segmentation'])).toEqual([7]);
    start.close();
  });

  it('refuses what is no image, copies and masks of another size, by name, and takes the rest', async () => {
    const folder = temporaryFolder();
    writeCine(join(folder, 's'), 'P1');
    put(folder, 's/copy.dcm', readFileSync(join(folder, 's/P1/A/B/IM0001')));
    put(folder, 's/report.dcm', dicomBytes({ '00080060': ['CS', 'SR'] }));
    put(folder, 's/broken.dcm', 'no DICOM at all, whatever its name says'.repeat(9));
    put(folder, 's/seg.dcm', segmentation('P1', [{ instance: 3, pixel: 1 }], HEIGHT + 1));
    const { summary } = await scanSource(join(folder, 's'));
    expect(summary.items).toBe(PHASES * SLICES);
    const refused = summary.refused.map(({ file, expected, found }) => `${file}: expected ${expected}, found ${found}`);
    expect(refused.sort()).toEqual(
      [
        "P1/A/B/IM0003: expected a mask of the image's size, 4 x 3, found 4 x 4",
        'P1/A/B/IM0001: expected each image once, found a copy of copy.dcm',
        'broken.dcm: expected DICM after 128 bytes, found other bytes',
        'report.dcm: expected an image, found no pixels (modality SR)',
      ].sort(),
    );
  });

  it('takes tags of a table by file or by patient and slice', async () => {
    const folder = temporaryFolder();
    writeCine(join(folder, 's'), 'P1');
    put(
      folder,
      's/tags.csv',
      'file,patient,frame,slice,labels\nIM0003,,,,LV\n,SECRETID-P1,1,0,none\n,SECRETID-P1,1,2,LV\n',
    );
    const { summary, events } = await scanSource(join(folder, 's'));
    expect(summary).toMatchObject({ classes: ['LV'], tags: 3, refused: [] });
    const tagged = events
      .flatMap((event) => (event.kind === 'volume' ? event.volume.items : []))
      .filter(({ tags }) => tags.length > 0)
      .map(({ id, tags }) => [id, tags[0]?.present]);
    expect(tagged).toEqual([
      ['patient-001_series01_phase01_z00', [0]],
      ['patient-001_series01_phase01_z02', [1]],
      ['patient-001_series01_phase02_z00', [1]],
    ]);
  });
});
