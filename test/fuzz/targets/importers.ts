// Whole imports of folders in which one file is broken: every importer, from the choice of the format to the project.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { encodeHdf5 } from '../../../src-core/datasets/codecs/hdf5.ts';
import { encodeIndexedPng } from '../../../src-core/datasets/codecs/indexed-png.ts';
import { VOC_PALETTE } from '../../../src-core/datasets/codecs/voc.ts';
import type { ImportFormat } from '../../../src-core/datasets/import-formats.ts';
import { refuse } from '../../../src-core/imaging/refusal.ts';
import { makeProject, scanSource } from '../../../src-main/services/import.ts';
import { dicomProject } from '../../support/dicom-project.ts';
import { maskProject } from '../../support/mask-project.ts';
import { repairPng } from '../../support/png-chunks.ts';
import { put, writeAcdc, zippedNifti } from '../../support/source-folders.ts';
import { HEART } from '../../support/volume-project.ts';
import { META_LINES, metaImage, nrrd, NRRD_LINES } from '../../support/volume-bytes.ts';
import type { Reading, Subject, Target } from '../target.ts';

/** A project is made of every so many sources that could be scanned: that takes ten times as long. */
const MADE = 8;

/** A source folder and which of its files break. */
interface Source {
  readonly folder: string;
  readonly broken: RegExp;
}

/** Scans a source and now and then makes a project of it, which is whole or not there. */
function reader(source: string, format: ImportFormat): () => Promise<Reading> {
  let scans = 0;
  return async () => {
    const scan = await scanSource(source, { format });
    scans += 1;
    if (scans % MADE === 1) await make(scan, join(dirname(source), 'made'));
    const [first] = scan.summary.refused;
    const nameless = scan.summary.refused.find(({ file }) => file === '');
    if (nameless)
      throw new TypeError(`a refusal names no file: expected ${nameless.expected}, found ${nameless.found}`);
    return first && refuse(first.expected, first.found);
  };
}

async function make(scan: Parameters<typeof makeProject>[0], target: string): Promise<void> {
  try {
    await makeProject(scan, target, { masks: 'reviewed' });
    if (!existsSync(join(target, 'project.db'))) throw new TypeError('the import ended without a project');
  } catch (error) {
    if (existsSync(target)) throw new TypeError('a failed import left a project', { cause: error });
    throw error;
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
  const left = readdirSync(dirname(target)).filter((name) => name.includes('importing'));
  if (left.length > 0) throw new TypeError(`the import left ${left.join(', ')}`);
}

function formOf(path: string): Pick<Subject, 'form' | 'repair'> {
  if (/\.png$/i.test(path)) return { form: 'bytes', repair: repairPng };
  if (/\.json$/i.test(path)) return { form: 'json' };
  return {
    form: /\.(?:xml|txt|ya?ml|csv|tsv|cfg)$/i.test(path) ? 'text' : /\.(?:nrrd|mha)$/i.test(path) ? 'headed' : 'bytes',
  };
}

function subjectsOf({ folder, broken }: Source, format: ImportFormat): Subject[] {
  const read = reader(folder, format);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'));
  return names
    .filter((name) => broken.test(name))
    .map((name): Subject => {
      const path = join(folder, name);
      const bytes = readFileSync(path);
      const isPacked = name.endsWith('.gz');
      return {
        ...formOf(name),
        bytes: isPacked ? gunzipSync(bytes) : bytes,
        ...(isPacked && { repair: (changed) => gzipSync(changed) }),
        async read(changed) {
          writeFileSync(path, changed);
          try {
            return await read();
          } finally {
            writeFileSync(path, bytes);
          }
        },
      };
    });
}

/** An importer over sources that `make` writes into a folder. */
function importerTarget(
  format: ImportFormat,
  make: (folder: string) => Promise<readonly Source[]>,
  name: string = `import ${format}`,
): Target {
  return { name, prepare: async (folder) => (await make(folder)).flatMap((source) => subjectsOf(source, format)) };
}

/** A format of annotated pictures, as this program writes it. */
function exported(
  format: ImportFormat,
  broken: RegExp,
  settings: readonly Readonly<Record<string, string>>[] = [{}],
  add?: (folder: string) => void,
): Target {
  return importerTarget(format, async () => {
    const built = await maskProject();
    const sources: Source[] = [];
    for (const chosen of settings) {
      const { directory } = await built.export({ format, settings: chosen });
      add?.(directory);
      sources.push({ folder: directory, broken });
    }
    built.project.close();
    return sources;
  });
}

const png = (): Promise<Buffer> =>
  sharp({ create: { width: 8, height: 6, channels: 3, background: 'teal' } })
    .png()
    .toBuffer();

/** Shapes that this program reads and does not write. */
const CVAT_SHAPES = `<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version><meta><job><labels><label><name>cat</name></label><label><name>dog</name></label></labels></job></meta>
<image id="0" name="a.png" width="8" height="6"><polygon label="cat" points="1,1;5.5,1;5,4.25" z_order="1"/><box label="dog" xtl="1" ytl="1" xbr="4" ybr="4"/></image>
<image id="1" name="b.png" subset="val" width="8" height="6"><tag label="dog"/><mask label="cat" rle="1, 2, 1" left="2" top="1" width="2" height="2"/></image>
</annotations>`;

const LABEL_STUDIO_SHAPES = JSON.stringify([
  {
    data: { image: '/data/upload/1/0123abcd-a.png' },
    annotations: [
      {
        result: [
          {
            type: 'polygonlabels',
            original_width: 8,
            original_height: 6,
            value: {
              points: [
                [10, 10],
                [60, 10],
                [60, 80],
              ],
              polygonlabels: ['cat'],
            },
          },
          { type: 'choices', value: { choices: ['dog'] } },
        ],
      },
    ],
  },
  {
    data: { image: 'http://host/b.png?x=1' },
    predictions: [{ result: [{ type: 'rectanglelabels', value: { rectanglelabels: ['cat'] } }] }],
  },
]);

/** Pictures a and b with files of annotations beside them. */
async function pictures(folder: string, files: Readonly<Record<string, string>>, broken: RegExp): Promise<Source> {
  for (const name of ['a.png', 'b.png']) put(folder, name, await png());
  for (const [name, text] of Object.entries(files)) put(folder, name, text);
  return { folder, broken };
}

const VALUES = Array.from({ length: 24 }, (_, at) => at % 5);
const TAGS = 'file,slice,label\na,0,LV\na,1,none\nb,0,LV;RV\nb,1,RV\n';

const volumeSources =
  (ending: string, bytes: Uint8Array) =>
  (folder: string): Promise<Source[]> => {
    for (const name of ['a', 'b', 'masks/b']) put(folder, `volumes/${name}.${ending}`, bytes);
    put(folder, 'volumes/tags.csv', TAGS);
    for (const name of ['c', 'c_mask']) put(folder, `masked/${name}.${ending}`, bytes);
    return Promise.resolve([
      { folder: join(folder, 'volumes'), broken: /^(?:a\.|masks\/b)/ },
      { folder: join(folder, 'masked'), broken: /^c_mask/ },
    ]);
  };

const dicomSegmentations = importerTarget(
  'dicom',
  async (folder) => {
    const series = await dicomProject();
    const { directory } = await series.export({ format: 'dicom-seg' });
    series.project.close();
    const source = join(folder, 'with masks');
    cpSync(series.source, source, { recursive: true });
    cpSync(directory, join(source, 'masks'), { recursive: true });
    return [{ folder: source, broken: /\.dcm$|IM1$/ }];
  },
  'import dicom, DICOM-SEG',
);

const acdc = importerTarget('acdc', (folder) => {
  mkdirSync(join(folder, 'acdc'));
  writeAcdc(join(folder, 'acdc'), ['patient001', 'patient002']);
  return Promise.resolve([{ folder: join(folder, 'acdc'), broken: /patient001.*(?:cfg|frame03_gt\.nii\.gz)$/ }]);
});

const tables = importerTarget(
  'images',
  async (folder) => {
    const csv = 'file,label,patient,split\na.png,cat,p1,train\nb.png,"dog;cat",p2,test\n';
    const oneHot = 'image\tcat\tdog\na.png\t1\t0\nb.png\t0\t1\n';
    const json = JSON.stringify([
      { file: 'a.png', labels: ['cat'] },
      { file: 'b.png', labels: ['dog', 'cat'], patient: 'p2' },
    ]);
    const named = await pictures(join(folder, 'd'), { 'labels.json': '{"1":"cat","2":"dog"}' }, /labels\.json$/);
    put(
      named.folder,
      'masks/a.png',
      encodeIndexedPng({ width: 8, height: 6, data: new Uint8Array(48).fill(1) }, VOC_PALETTE),
    );
    return [
      await pictures(join(folder, 'a'), { 'labels.csv': csv }, /csv$/),
      await pictures(join(folder, 'b'), { 'labels.tsv': oneHot }, /tsv$/),
      await pictures(join(folder, 'c'), { 'table.json': json }, /json$/),
      named,
    ];
  },
  'import images, tables',
);

const hdf5 = importerTarget('hdf5', async (folder) => {
  const { width, height, data } = HEART;
  const shape = [2, height, width];
  const twice = [...data, ...data];
  const image = { shape, data: Float32Array.from(twice, (value) => value / 255) };
  const bytes = await encodeHdf5({
    image,
    label: { shape, data: Uint8Array.from(twice, (id) => (id === 255 ? 0 : id)) },
  });
  for (const name of ['a.h5', 'b.h5']) put(folder, `volumes/${name}`, bytes);
  return [{ folder: join(folder, 'volumes'), broken: /^a/ }];
});

const volumeTables = importerTarget(
  'nifti',
  (folder) => {
    for (const name of ['a', 'b']) put(folder, `volumes/${name}.nii.gz`, zippedNifti({ dims: [4, 3, 2] }, VALUES));
    put(folder, 'volumes/tags.csv', TAGS);
    return Promise.resolve([{ folder: join(folder, 'volumes'), broken: /csv$/ }]);
  },
  'import nifti, tables',
);

export const TARGETS: readonly Target[] = [
  exported('coco', /\.json$/, [{}, { segmentation: 'polygon', objects: 'part' }]),
  exported('voc', /labelmap\.txt$|ImageSets\/.*\.txt$|000\.xml$|SegmentationClass\/.*000\.png$/),
  exported('yolo', /data\.ya?ml$|labels\/.*000\.txt$/),
  exported('cityscapes', /polygons\.json$|labels\.json$|labelIds\.png$/, [{}], (folder) => {
    if (!existsSync(join(folder, 'labels.json'))) throw new Error('cityscapes: expected labels.json');
  }),
  exported('cvat', /\.xml$/),
  importerTarget(
    'cvat',
    async (folder) => [await pictures(join(folder, 's'), { 'annotations.xml': CVAT_SHAPES }, /xml$/)],
    'import cvat, shapes',
  ),
  exported('datumaro', /\.json$/),
  exported('label-studio', /\.(?:json|xml)$/),
  importerTarget(
    'label-studio',
    async (folder) => [await pictures(join(folder, 's'), { 'tasks.json': LABEL_STUDIO_SHAPES }, /json$/)],
    'import label-studio, shapes',
  ),
  exported('nnunet', /dataset\.json$|splits_final\.json$|labelsTr\/.*000.*\.png$/),
  acdc,
  dicomSegmentations,
  tables,
  volumeTables,
  hdf5,
  importerTarget('nifti', volumeSources('nii.gz', zippedNifti({ dims: [4, 3, 2] }, VALUES))),
  importerTarget('nrrd', volumeSources('nrrd', nrrd([...NRRD_LINES, 'encoding: raw']))),
  importerTarget('metaimage', volumeSources('mha', metaImage([...META_LINES, 'ElementDataFile = LOCAL']))),
];
