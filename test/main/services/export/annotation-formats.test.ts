// Formats of pictures, each written from one project and read back with the codecs that the importers use.
import { decode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeCocoRle } from '../../../../src-core/datasets/codecs/coco-rle.ts';
import { decodeCvatMask } from '../../../../src-core/datasets/codecs/cvat-rle.ts';
import { parseCvat } from '../../../../src-core/datasets/codecs/cvat.ts';
import { parseDatumaro } from '../../../../src-core/datasets/codecs/datumaro.ts';
import { parseCityscapes } from '../../../../src-core/datasets/codecs/cityscapes.ts';
import { decodeIndexedPng } from '../../../../src-core/datasets/codecs/indexed-png.ts';
import { decodeBrush } from '../../../../src-core/datasets/codecs/label-studio-rle.ts';
import { parseLabelStudio } from '../../../../src-core/datasets/codecs/label-studio.ts';
import { decodeLabelmap } from '../../../../src-core/datasets/codecs/voc.ts';
import { decodeYoloRows } from '../../../../src-core/datasets/codecs/yolo.ts';
import type { BinaryMask } from '../../../../src-core/datasets/codecs/binary-mask.ts';
import { isRefusal, type Refusal } from '../../../../src-core/imaging/refusal.ts';
import { fillRings } from '../../../../src-core/labels/fill-rings.ts';
import { maskProject, type MaskProject } from '../../../support/mask-project.ts';

let built: MaskProject;
beforeAll(async () => {
  built = await maskProject(undefined, { reviewed: { 0: 'corrected', 2: 'accepted' } });
});
afterAll(() => built.remove());

const UNDECIDED_LOST = '1 pixel in 1 image is not decided; here it is background.';
/** What VOC, Cityscapes and other flat formats call an item. */
const flatName = (id: string): string => id.replace('.png', '').replaceAll('/', '_').replaceAll(' ', '_');
const splitName = (split: string): string => (split === 'validation' ? 'val' : split);

describe('Pascal VOC export', () => {
  it('gives back every mask, 255 included, as indices of VOC’s palette', async () => {
    const { file, summary } = await built.export({ format: 'voc' });
    for (const { id } of built.project.items) {
      const png = accept(decodeIndexedPng(await file(`SegmentationClass/${flatName(id)}.png`)));
      expect(png.data).toEqual(built.stored(id).data);
      expect(png.palette[255]).toEqual([224, 224, 192]);
    }
    expect(summary.losses).toEqual([]);
  });

  it('numbers the parts of each class, and lists them in the same order', async () => {
    const { file } = await built.export({ format: 'voc' });
    const objects = accept(decodeIndexedPng(await file('SegmentationObject/dog_picture_001.png')));
    expect(new Set(objects.data)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    const xml = (await file('Annotations/dog_picture_001.xml')).toString();
    expect([...xml.matchAll(/<name>(\w+)<\/name>/g)].map(([, name]) => name)).toEqual([
      ...['cat', 'cat', 'cat', 'cat', 'dog', 'dog', 'dog', 'dog', 'dog'],
    ]);
    const open = accept(decodeIndexedPng(await file('SegmentationObject/cat_picture_000.png')));
    expect([...open.data].filter((index) => index === 255)).toHaveLength(1);
  });

  it('lists images by split and class, and the classes with their colours', async () => {
    const { file } = await built.export({ format: 'voc', labels: { cat: 2, dog: 1 } });
    const items = built.project.items;
    for (const split of new Set(items.map((item) => item.split))) {
      const expected = items.filter((item) => item.split === split).map(({ id }) => flatName(id));
      const list = (await file(`ImageSets/Segmentation/${splitName(split)}.txt`)).toString();
      expect(list.trim().split('\n')).toEqual(expected);
    }
    const all = ['train', 'val', 'test'].map(async (split) =>
      (await file(`ImageSets/Main/dog_${split}.txt`)).toString(),
    );
    const lines = (await Promise.all(all)).join('');
    expect(lines).toContain('cat_picture_002 -1\n');
    expect(lines).toContain('dog_picture_003  1\n');
    expect(accept(decodeLabelmap((await file('labelmap.txt')).toString()))).toEqual([
      { name: 'background', colour: [0, 0, 0] },
      { name: 'dog', colour: [128, 0, 0] },
      { name: 'cat', colour: [0, 128, 0] },
      { name: 'ignored', colour: [224, 224, 192] },
    ]);
  });
});

describe('YOLO export', () => {
  it('gives back every mask with holes joined, and counts what it cannot hold', async () => {
    const { file, summary } = await built.export({ format: 'yolo' });
    for (const { id, split } of built.project.items) {
      const { width, height, data } = built.stored(id);
      const text = (await file(`labels/${splitName(split)}/${id.replace('.png', '.txt')}`)).toString();
      const filled = new Uint8Array(data.length);
      for (const { classIndex, ring } of accept(decodeYoloRows(text, width, height))) {
        fillRings([ring], width, height).data.forEach((inside, i) => inside === 1 && (filled[i] = classIndex + 1));
      }
      expect(filled).toEqual(withoutIgnored(data));
    }
    expect(summary.losses).toEqual([
      '3 holes in 2 images are joined to the outside by slits without width; a program that does not count crossings fills them.',
      '2 masks are in several parts; they become 9 objects.',
      UNDECIDED_LOST,
    ]);
  });

  it('names folders and classes in data.yaml', async () => {
    const { file, summary } = await built.export({ format: 'yolo', settings: { holes: 'fill' } });
    expect((await file('data.yaml')).toString()).toBe(
      'train: images/train\nval: images/val\ntest: images/test\nnames:\n  0: cat\n  1: dog\n',
    );
    expect(summary.losses[0]).toBe('3 holes in 2 images are filled.');
    const train = await built.export({ format: 'yolo', split: 'train' });
    expect(train.summary.checks).toMatchObject([{ level: 'warning' }]);
  });
});

describe('Cityscapes export', () => {
  it('gives back every mask in labelIds, and the parts in instanceIds and polygons', async () => {
    const { file, summary } = await built.export({ format: 'cityscapes' });
    for (const { id, split } of built.project.items) {
      const { width, height, data } = built.stored(id);
      const path = summary.files
        .map((each) => each.path)
        .find((each) => each.includes(placeOf(id)) && each.includes('labelIds'))!;
      expect(path.startsWith(`gtFine/${splitName(split)}/`)).toBe(true);
      expect(decode(await file(path)).data).toEqual(data);
      const instances = decode(await file(path.replace('labelIds', 'instanceIds')));
      expect(instances.depth).toBe(16);
      const toLabel = (value: number): number => (value >= 1000 ? Math.floor(value / 1000) : value);
      expect([...instances.data].map(toLabel)).toEqual([...data]);
      const text = (await file(path.replace('labelIds.png', 'polygons.json'))).toString();
      const polygons = accept(parseCityscapes(text));
      const filled = new Uint8Array(data.length);
      for (const { label, polygon } of polygons.objects) {
        const mask = fillRings([polygon.flat()], width, height);
        mask.data.forEach((inside, i) => inside === 1 && (filled[i] = label === 'cat' ? 1 : 2));
      }
      expect(filled).toEqual(withoutIgnored(data));
    }
  });

  it('refuses ids whose instances do not fit 16 bits, before it writes', async () => {
    const settings = { format: 'cityscapes', labels: { cat: 65, dog: 1 } };
    const dry = await built.export({ ...settings, dryRun: true });
    expect(dry.summary.checks).toMatchObject([{ level: 'error' }]);
    await expect(built.export(settings)).rejects.toThrow('expected label ids up to 64, got 65 for cat');
  });
});

describe('CVAT export', () => {
  it('gives back every mask, and says who drew it', async () => {
    const { file, summary } = await built.export({ format: 'cvat' });
    const text = (await file('annotations.xml')).toString();
    const document = accept(parseCvat(text));
    expect(document.image).toHaveLength(built.project.items.length);
    for (const image of document.image) {
      const filled = new Uint8Array(image.width * image.height);
      for (const each of image.mask) {
        const mask = accept(decodeCvatMask(each, image));
        mask.data.forEach((inside, i) => inside === 1 && (filled[i] = each.label === 'cat' ? 1 : 2));
      }
      expect(filled).toEqual(withoutIgnored(built.stored(image.name).data));
    }
    expect(text).toMatch(/name="cat\/picture 000.png"[^]*?source="semi-auto"/);
    expect(text).toMatch(/name="dog\/picture 001.png"[^]*?source="auto"/);
    expect(text).toContain('<name>cat</name>');
    expect(summary.losses).toEqual([UNDECIDED_LOST]);
  });
});

describe('Datumaro export', () => {
  it('gives back every mask', async () => {
    const { file, summary } = await built.export({ format: 'datumaro' });
    let images = 0;
    for (const { path } of summary.files.filter((each) => each.path.startsWith('annotations/'))) {
      const document = accept(parseDatumaro((await file(path)).toString()));
      expect(document.labels).toEqual(['cat', 'dog']);
      for (const item of document.items) {
        const expected = built.stored(item.image!.path!);
        expect(item.image!.size).toEqual([expected.height, expected.width]);
        const filled = new Uint8Array(expected.data.length);
        for (const { rle, label_id } of item.annotations) {
          accept(decodeCocoRle(rle!)).data.forEach((inside, i) => inside === 1 && (filled[i] = label_id! + 1));
        }
        expect(filled).toEqual(withoutIgnored(expected.data));
        images++;
      }
    }
    expect(images).toBe(built.project.items.length);
  });
});

describe('Label Studio export', () => {
  it('gives back every mask: reviewed ones as annotations, others as predictions with a score', async () => {
    const { file } = await built.export({ format: 'label-studio' });
    const text = (await file('tasks.json')).toString();
    const { tasks } = accept(parseLabelStudio(text));
    expect(tasks).toHaveLength(built.project.items.length);
    for (const task of tasks) {
      const expected = built.stored(task.data['item'] as string);
      const reviewed = ['cat/picture 000.png', 'cat/picture 002.png'].includes(task.data['item'] as string);
      expect([task.annotations.length, task.predictions.length]).toEqual(reviewed ? [1, 0] : [0, 1]);
      const filled = new Uint8Array(expected.data.length);
      for (const { value, original_width, original_height } of (task.annotations[0] ?? task.predictions[0])!.result) {
        const mask: BinaryMask = accept(decodeBrush(value.rle!, original_width!, original_height!));
        const label = value.brushlabels![0] === 'cat' ? 1 : 2;
        mask.data.forEach((inside, i) => inside === 1 && (filled[i] = label));
      }
      expect(filled).toEqual(withoutIgnored(expected.data));
    }
    expect(tasks[0]!.data['image']).toBe('/data/local-files/?d=images/cat/picture%20000.png');
    expect(JSON.parse(text)).toContainEqual(
      expect.objectContaining({
        predictions: [expect.objectContaining({ model_version: `unia ${built.run} segmentation`, score: 0.75 })],
      }),
    );
    expect((await file('label_config.xml')).toString()).toContain('<Label value="cat"');
  });
});

function placeOf(id: string): string {
  return id.replace('.png', '').replaceAll('/', '-').replaceAll(' ', '-');
}

function withoutIgnored(data: Uint8Array): Uint8Array {
  return data.map((label) => (label === 255 ? 0 : label));
}

function accept<Value>(reading: Value | Refusal): Value {
  if (isRefusal(reading)) throw new Error(`expected ${reading.expected}, found ${reading.found}`);
  return reading;
}
