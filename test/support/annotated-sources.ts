// A small whole source for every format of annotated pictures, and what can be wrong with it.
import type { ImportFormat } from '../../src-core/datasets/import-formats.ts';
import { encodeCocoRle } from '../../src-core/datasets/codecs/coco-rle.ts';
import { encodeCvatMask } from '../../src-core/datasets/codecs/cvat-rle.ts';
import { encodeBrush } from '../../src-core/datasets/codecs/label-studio-rle.ts';
import { put } from './source-folders.ts';
import {
  type ImporterSource,
  WIDTH,
  HEIGHT,
  MASK,
  PNG,
  LABELS,
  SMALL_LABELS,
  NAMES,
  putAll,
  inText,
  cut,
  fileFlaws,
  PICTURE,
  pathFlaws,
} from './importer-flaws.ts';

const coco = (): string =>
  JSON.stringify({
    images: NAMES.map((name, at) => ({ id: at + 1, file_name: `${name}.png`, width: WIDTH, height: HEIGHT })),
    categories: [
      { id: 1, name: 'cat' },
      { id: 2, name: 'dog' },
    ],
    annotations: NAMES.map((_, at) => ({
      id: at,
      image_id: at + 1,
      category_id: 1,
      segmentation: encodeCocoRle(MASK),
    })),
  });

const datumaro = (): string =>
  JSON.stringify({
    dm_format_version: '1.0',
    categories: { label: { labels: [{ name: 'cat' }, { name: 'dog' }] } },
    items: NAMES.map((name) => ({
      id: name,
      image: { path: `${name}.png`, size: [HEIGHT, WIDTH] },
      annotations: [{ type: 'mask', label_id: 0, rle: encodeCocoRle(MASK) }],
    })),
  });

const labelStudio = (): string => {
  const size = { original_width: WIDTH, original_height: HEIGHT };
  const value = { format: 'rle', rle: encodeBrush(MASK), brushlabels: ['cat'] };
  const result = [{ type: 'brushlabels', ...size, value }];
  return JSON.stringify(NAMES.map((name) => ({ data: { image: `${name}.png` }, annotations: [{ result }] })));
};

const cvat = (): string => {
  const { rle, left, top, width, height } = encodeCvatMask(MASK)!;
  const mask = `<mask label="cat" rle="${rle}" left="${left}" top="${top}" width="${width}" height="${height}"/>`;
  const images = NAMES.map((name, id) => `<image id="${id}" name="${name}.png" width="8" height="6">${mask}</image>`);
  return `<annotations><version>1.1</version>${images.join('')}</annotations>`;
};

const polygons = JSON.stringify({
  ...{ imgHeight: HEIGHT, imgWidth: WIDTH },
  objects: [
    {
      label: 'car',
      polygon: [
        [0, 0],
        [4, 0],
        [4, 4],
      ],
    },
  ],
});
const CITY = NAMES.map((name) => `leftImg8bit/train/x/${name}_leftImg8bit.png`);
const GROUND = NAMES.map((name) => `gtFine/train/x/${name}_gtFine_polygons.json`);

const documents = (file: string, text: () => string) => (source: string) => {
  putAll(
    source,
    NAMES.map((name) => `${name}.png`),
    PNG,
  );
  put(source, file, text());
};

/** Formats of annotated pictures. */
export const ANNOTATED_SOURCES = {
  coco: {
    write: documents('instances.json', coco),
    items: 3,
    flaws: [
      ...fileFlaws('c.png', 2, PICTURE),
      ...pathFlaws('instances.json', 'images\\.2', (path) => `"${path}"`),
      {
        title: 'an id comes twice',
        spoil: inText('instances.json', '"id":3,', '"id":1,'),
        told: /instances\.json: expected images\.2: an id of its own, found 1 again/,
        items: 2,
      },
      {
        title: 'two categories clash',
        spoil: inText('instances.json', '"id":2,"name":"dog"', '"id":1,"name":"dog"'),
        told: /expected categories\.1: an id of its own for "dog", found 1, which is "cat"/,
        items: 3,
      },
      {
        title: 'a mask has another size',
        spoil: inText('instances.json', '"size":[6,8]', '"size":[4,4]'),
        told: /expected annotations\.0: a mask of 8 x 6 pixels, found 4 x 4/,
        items: 3,
      },
      {
        title: 'a mask states a size without end',
        spoil: inText('instances.json', '"size":[6,8]', '"size":[4294967295,4294967295]'),
        told: /expected annotations\.0: a mask of 8 x 6 pixels/,
        items: 3,
      },
      {
        title: 'a field is of another type',
        spoil: inText('instances.json', '"category_id":1', '"category_id":"1"'),
        told: /expected annotations\.0\.category_id as the format has it/,
        items: 3,
      },
    ],
  },
  datumaro: {
    write: documents('annotations/train.json', datumaro),
    items: 3,
    flaws: [
      ...fileFlaws('c.png', 2, PICTURE),
      ...pathFlaws('annotations/train.json', 'items\\.2', (path) => `"path":"${path}"`),
      {
        title: 'a picture comes twice',
        spoil: inText('annotations/train.json', '"path":"c.png"', '"path":"a.png"'),
        told: /expected items\.2: each picture once, "a\.png", found it again/,
        items: 2,
      },
      {
        title: 'a label is not listed',
        spoil: inText('annotations/train.json', '"label_id":0', '"label_id":7'),
        told: /items\.0\.annotations\.0: a label listed, found label_id 7/,
        items: 3,
      },
      {
        title: 'a mask has another size',
        spoil: inText('annotations/train.json', '"rle":{"size":[6,8]', '"rle":{"size":[9,9]'),
        told: /items\.0\.annotations\.0: a mask of 8 x 6 pixels, found 9 x 9/,
        items: 3,
      },
    ],
  },
  'label-studio': {
    write: documents('tasks.json', labelStudio),
    items: 3,
    flaws: [
      ...fileFlaws('c.png', 2, PICTURE),
      ...pathFlaws('tasks.json', 'task\\.2', (path) => `"image":"${path}"`).slice(0, 2),
      {
        title: 'a picture comes twice',
        spoil: inText('tasks.json', '"image":"c.png"', '"image":"a.png"'),
        told: /tasks\.json: expected task\.2: each picture once/,
        items: 2,
      },
      {
        title: 'a mask has another size',
        spoil: inText('tasks.json', '"original_width":8', '"original_width":99999'),
        told: /a\.png: expected a mask of the image's size, 8 x 6, found 99999 x 6/,
        items: 3,
      },
    ],
  },
  cvat: {
    write: documents('annotations.xml', cvat),
    items: 3,
    flaws: [
      ...fileFlaws('c.png', 2, PICTURE),
      ...pathFlaws('annotations.xml', 'image\\.2', (path) => `name="${path}"`),
      {
        title: 'a picture comes twice',
        spoil: inText('annotations.xml', 'name="c.png"', 'name="a.png"'),
        told: /expected image\.2: each picture once/,
        items: 2,
      },
      {
        title: 'a mask leaves its image',
        spoil: inText('annotations.xml', 'left="0"', 'left="4000000000"'),
        told: /expected image\.0\.mask\.0: a box within 8 x 6/,
        items: 3,
      },
      {
        title: 'an image has another size',
        spoil: inText('annotations.xml', 'width="8" height="6"', 'width="4" height="4"'),
        told: /a\.png: expected a mask of the image's size, 8 x 6, found 4 x 4/,
        items: 3,
      },
    ],
  },
  voc: {
    write(source) {
      putAll(
        source,
        NAMES.map((name) => `JPEGImages/${name}.png`),
        PNG,
      );
      putAll(
        source,
        NAMES.map((name) => `SegmentationClass/${name}.png`),
        LABELS,
      );
      put(source, 'labelmap.txt', 'background:0,0,0::\ncat:128,0,0::\ndog:0,128,0::\n');
      putAll(
        source,
        NAMES.map((name) => `Annotations/${name}.xml`),
        '<annotation><object><name>cat</name></object></annotation>',
      );
      put(source, 'ImageSets/Segmentation/train.txt', 'a\nb\n');
    },
    items: 3,
    flaws: [
      ...fileFlaws('JPEGImages/c.png', 2, PICTURE),
      {
        title: 'a list names what is elsewhere',
        spoil: (source) => put(source, 'ImageSets/Segmentation/train.txt', 'a\n../../etc/passwd\n/etc/passwd\n'),
        told: /train\.txt: expected names of pictures in JPEGImages, found 2 others, "\.\.\/\.\.\/etc\/passwd" the first/,
        items: 3,
      },
      {
        title: 'an annotation is cut short',
        spoil: cut('Annotations/b.xml'),
        told: /Annotations\/b\.xml: expected intact XML/,
        items: 3,
      },
      {
        title: 'two classes clash',
        spoil: inText('labelmap.txt', 'dog:0,128,0', 'dog:128,0,0'),
        told: /labelmap\.txt: expected a colour of its own for "dog", found 128,0,0, which is "cat"/,
        items: 3,
      },
      { title: 'a class comes twice', spoil: inText('labelmap.txt', 'dog:0', 'Cat:0'), told: /^$/, items: 3 },
      {
        title: 'a mask has another size',
        spoil: (source) => put(source, 'SegmentationClass/b.png', SMALL_LABELS),
        told: /expected a mask of the image's size, 8 x 6, found 4 x 4 in SegmentationClass\/b\.png/,
        items: 3,
      },
    ],
  },
  yolo: {
    write(source) {
      putAll(
        source,
        NAMES.map((name) => `images/${name}.png`),
        PNG,
      );
      putAll(
        source,
        NAMES.map((name) => `labels/${name}.txt`),
        '0 0.1 0.1 0.5 0.1 0.5 0.9\n',
      );
      put(source, 'data.yaml', 'train: images\nval: images\nnames:\n  0: cat\n  1: dog\n');
    },
    items: 3,
    flaws: [
      ...fileFlaws('images/c.png', 2, PICTURE),
      {
        title: 'a row is cut short',
        spoil: (source) => put(source, 'labels/b.txt', '0 0.1 0.1 0.5'),
        told: /labels\/b\.txt: expected line 1: three or more corners/,
        items: 3,
      },
      {
        title: 'a corner is far away',
        spoil: (source) => put(source, 'labels/b.txt', '0 0.1 0.1 1e308 0.1 0.5 0.9'),
        told: /labels\/b\.txt: expected line 1: corners of 0 to 1/,
        items: 3,
      },
      {
        title: 'a class is not named',
        spoil: (source) => put(source, 'labels/b.txt', '9 0.1 0.1 0.5 0.1 0.5 0.9'),
        told: /labels\/b\.txt: expected line 1: a class that the YAML file names, found "9"/,
        items: 3,
      },
      {
        title: 'folders lead out',
        spoil: inText('data.yaml', 'train: images', 'train: ../../etc'),
        told: /^$/,
        items: 3,
      },
    ],
  },
  cityscapes: {
    write(source) {
      putAll(source, CITY, PNG);
      putAll(source, GROUND, polygons);
    },
    items: 3,
    flaws: [
      ...fileFlaws(CITY[2]!, 2, PICTURE),
      {
        title: 'polygons are cut short',
        spoil: cut(GROUND[1]!),
        told: /b_gtFine_polygons\.json: expected intact JSON/,
        items: 3,
      },
      {
        title: 'polygons are of another size',
        spoil: inText(GROUND[1]!, '"imgWidth":8', '"imgWidth":4294967295'),
        told: /expected a mask of the image's size, 8 x 6, found 4294967295 x 6/,
        items: 3,
      },
    ],
  },
} as const satisfies Partial<Record<ImportFormat, ImporterSource>>;
