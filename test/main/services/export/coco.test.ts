import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawCocoSegmentation, parseCoco, type CocoDocument } from '../../../../src-core/datasets/codecs/coco.ts';
import { regionOf } from '../../../../src-core/labels/region.ts';
import { isRefusal } from '../../../../src-core/imaging/refusal.ts';
import { maskProject, type MaskProject } from '../../../support/mask-project.ts';

let built: MaskProject;
beforeAll(async () => {
  built = await maskProject();
});
afterAll(() => built.remove());

const SETTINGS = [
  { segmentation: 'rle', objects: 'class' },
  { segmentation: 'polygon', objects: 'part' },
] as const;

describe('COCO export', () => {
  it.each(SETTINGS)('gives back every mask from $segmentation, one for each $objects', async (settings) => {
    const { summary, file } = await built.export({ format: 'coco', settings });
    const seen = new Map<string, Uint8Array>();
    for (const { path } of summary.files.filter((each) => each.path.endsWith('.json'))) {
      const document = parseCoco((await file(path)).toString());
      if (isRefusal(document)) throw new Error(document.found);
      for (const image of document.images) {
        const data = new Uint8Array(image.width * image.height);
        for (const { segmentation, category_id, area } of document.annotations.filter((a) => a.image_id === image.id)) {
          const drawn = drawCocoSegmentation(segmentation!, image);
          if (isRefusal(drawn)) throw new Error(drawn.found);
          const { window, inside } = regionOf(drawn);
          expect(inside.filter(Boolean)).toHaveLength(area!);
          inside.forEach((value, i) => {
            const pixel = (window.y + Math.floor(i / window.width)) * image.width + window.x + (i % window.width);
            if (value === 1) data[pixel] = category_id;
          });
        }
        seen.set(image.file_name, data);
      }
    }
    for (const { id } of built.project.items) {
      const expected = built.stored(id).data.map((label) => (label === 255 ? 0 : label));
      expect(seen.get(id)).toEqual(expected);
    }
    expect(seen.size).toBe(built.project.items.length);
    expect(summary.losses).toEqual(['1 pixel in 1 image is not decided; here it is background.']);
  });

  it('is what the format’s own programs read', async () => {
    const { file } = await built.export({ format: 'coco', labels: { cat: 17, dog: 18 } });
    const texts = await Promise.all(['train', 'val', 'test'].map((name) => file(`annotations/instances_${name}.json`)));
    const documents = texts.map((text) => JSON.parse(text.toString()) as CocoDocument);
    const document = documents.find(({ images }) => images.some((image) => image.file_name === 'cat/picture 000.png'))!;
    const image = document.images.find((each) => each.file_name === 'cat/picture 000.png')!;
    expect(document.categories).toEqual([
      { id: 17, name: 'cat', supercategory: '' },
      { id: 18, name: 'dog', supercategory: '' },
    ]);
    expect(document.annotations.filter((each) => each.image_id === image.id)).toMatchObject([
      {
        category_id: 17,
        iscrowd: 0,
        area: 10,
        bbox: [1, 1, 4, 5],
        segmentation: { size: [6, 10], counts: '751L0020N020o0' },
      },
      { category_id: 18, iscrowd: 0, area: 8, bbox: [6, 1, 3, 3] },
    ]);
  });

  it('copies the images into folders by split, or leaves them out', async () => {
    const { summary } = await built.export({ format: 'coco' });
    const images = summary.files.map(({ path }) => path).filter((path) => path.startsWith('images/'));
    expect(images).toHaveLength(built.project.items.length);
    for (const { id, split } of built.project.items) {
      expect(images).toContain(`images/${split === 'validation' ? 'val' : split}/${id}`);
    }
    const without = await built.export({ format: 'coco', settings: { images: false } });
    expect(without.summary.files.filter(({ path }) => path.startsWith('images/'))).toEqual([]);
  });
});
