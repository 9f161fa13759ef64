// Image-level tags from every place where people keep them: what each source says of two pictures, `a` and `b`.
import { join } from 'node:path';
import { encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { UNKNOWN } from '../../../src-core/review/tag.ts';
import { importDataset } from '../../../src-main/services/import.ts';
import { Project } from '../../../src-main/services/project.ts';
import { put, temporaryFolder } from '../../support/source-folders.ts';

const [ABSENT, PRESENT] = [0, 1];
const WIDTH = 4;
const HEIGHT = 2;
const size = `width="${WIDTH}" height="${HEIGHT}"`;

const png = (values: readonly number[] = []): Uint8Array =>
  encode({
    ...{ width: WIDTH, height: HEIGHT, depth: 8, channels: 1 },
    data: Uint8Array.from({ length: WIDTH * HEIGHT }, (_, at) => values[at] ?? 0),
  });

/** `a` shows a cat, `b` neither cat nor dog, unless a source says otherwise. */
interface Source {
  readonly title: string;
  readonly format: string;
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly classes?: readonly string[];
  /** Presence of each class by picture; undefined where it has no tag. */
  readonly tags: Readonly<Record<string, readonly number[] | undefined>>;
}

const cocoImages = ['a', 'b'].map((name, at) => ({
  ...{ id: at + 1, file_name: `${name}.png`, width: WIDTH, height: HEIGHT },
}));
const categories = ['cat', 'dog'].map((name, at) => ({ id: at + 1, name }));
const vocXml = (...names: readonly string[]): string =>
  `<annotation><filename>x.png</filename>${names.map((name) => `<object><name>${name}</name><bndbox/></object>`).join('')}</annotation>`;
const task = (name: string, ...choices: readonly string[]): object => ({
  data: { image: `/data/upload/${name}.png` },
  annotations: [
    { result: choices.length > 0 ? [{ type: 'choices', from_name: 'tag', to_name: 'image', value: { choices } }] : [] },
  ],
});
const pictures = { 'a.png': png(), 'b.png': png() };

const SOURCES: readonly Source[] = [
  {
    title: 'categories of COCO boxes',
    format: 'coco',
    files: {
      ...pictures,
      'instances.json': JSON.stringify({
        images: cocoImages,
        categories,
        annotations: [{ id: 1, image_id: 1, category_id: 1, bbox: [0, 0, 2, 2] }],
      }),
    },
    tags: { a: [PRESENT, ABSENT], b: [ABSENT, ABSENT] },
  },
  {
    title: 'image sets of Pascal VOC, whose 0 is difficult',
    format: 'voc',
    files: {
      ...{ 'JPEGImages/a.png': png(), 'JPEGImages/b.png': png() },
      'ImageSets/Main/cat_train.txt': 'a  1\nb -1\n',
      'ImageSets/Main/dog_train.txt': 'a  0\nb -1\n',
    },
    tags: { a: [PRESENT, UNKNOWN], b: [ABSENT, ABSENT] },
  },
  {
    title: 'objects of Pascal VOC',
    format: 'voc',
    files: {
      ...{ 'JPEGImages/a.png': png(), 'JPEGImages/b.png': png(), 'JPEGImages/c.png': png() },
      ...{ 'Annotations/a.xml': vocXml('cat', 'cat', 'dog'), 'Annotations/b.xml': vocXml() },
    },
    tags: { a: [PRESENT, PRESENT], b: [ABSENT, ABSENT], c: undefined },
  },
  {
    title: 'tags of CVAT',
    format: 'cvat',
    files: {
      ...pictures,
      'annotations.xml': `<?xml version="1.0"?><annotations><version>1.1</version>
        <meta><task><labels><label><name>cat</name></label><label><name>dog</name></label></labels></task></meta>
        <image id="0" name="a.png" ${size}><tag label="cat" source="manual"/></image>
        <image id="1" name="b.png" ${size}></image></annotations>`,
    },
    tags: { a: [PRESENT, ABSENT], b: [ABSENT, ABSENT] },
  },
  {
    title: 'choices of Label Studio',
    format: 'label-studio',
    files: {
      ...pictures,
      'tasks.json': JSON.stringify([task('a', 'cat', 'dog'), task('b'), { data: { image: 'c.png' }, annotations: [] }]),
      'c.png': png(),
    },
    tags: { a: [PRESENT, PRESENT], b: [ABSENT, ABSENT], c: undefined },
  },
  {
    title: 'labels of Datumaro',
    format: 'datumaro',
    files: {
      ...{ 'images/default/a.png': png(), 'images/default/b.png': png() },
      'annotations/default.json': JSON.stringify({
        info: {},
        categories: { label: { labels: [{ name: 'cat' }, { name: 'dog' }] } },
        items: ['a', 'b'].map((id) => ({
          id,
          annotations: id === 'a' ? [{ id: 0, type: 'label', label_id: 0 }] : [],
          image: { path: `${id}.png`, size: [HEIGHT, WIDTH] },
        })),
      }),
    },
    tags: { a: [PRESENT, ABSENT], b: [ABSENT, ABSENT] },
  },
  {
    title: 'names of folders',
    format: 'images',
    files: { 'train/cat/a.png': png(), 'train/none/b.png': png(), 'val/dog/c.png': png() },
    tags: { a: [PRESENT, ABSENT], b: [ABSENT, ABSENT], c: [ABSENT, PRESENT] },
  },
  {
    title: 'a table with a list of labels',
    format: 'images',
    files: { ...pictures, 'c.png': png(), 'tags.csv': 'image;labels\na;cat|dog\nb.png;none\n' },
    tags: { a: [PRESENT, PRESENT], b: [ABSENT, ABSENT], c: undefined },
  },
  {
    title: 'a table with a column for each class',
    format: 'images',
    files: { ...pictures, 'tags.tsv': 'file\tcat\tdog\na.png\tyes\tno\nb.png\t0\t0\n' },
    tags: { a: [PRESENT, ABSENT], b: [ABSENT, ABSENT] },
  },
  {
    title: 'masks',
    format: 'images',
    files: {
      ...{ 'images/a.png': png(), 'images/b.png': png() },
      ...{ 'masks/a.png': png([0, 1]), 'masks/b.png': png() },
      'labels.json': '{"1":"cat","2":"dog"}',
    },
    tags: { a: [PRESENT, ABSENT], b: [ABSENT, ABSENT] },
  },
];

describe('tags', () => {
  it.each(SOURCES)('come from $title', async ({ format, files, tags }) => {
    const folder = temporaryFolder();
    for (const [path, content] of Object.entries(files)) put(folder, `s/${path}`, content);
    const summary = await importDataset(join(folder, 's'), join(folder, 'p'));
    expect(summary).toMatchObject({ format, classes: ['cat', 'dog'], refused: [] });
    const project = Project.open(join(folder, 'p'), 'read');
    const found = project.items.map(({ id }) => {
      const name = /([abc])\.png$/.exec(id)![1]!;
      return [name, project.tags().find(({ item }) => item === id)?.present] as const;
    });
    project.close();
    expect(Object.fromEntries(found)).toEqual(tags);
  });
});
