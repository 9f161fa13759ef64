import { describe, expect, it } from 'vitest';
import { IGNORE, type LabelPlane } from '../../../src-core/imaging/plane.ts';
import {
  Batches,
  EpochOrder,
  PreparedImages,
  supervisedRegions,
  trainingRegions,
} from '../../../src-core/training/batches.ts';
import { UNKNOWN } from '../../../src-core/review/tag.ts';
import { wholeImageTags } from '../../../src-core/training/image-tags.ts';
import type { TrainingConfig } from '../../../src-core/training/config.ts';
import type { ImageData } from '../../../src-core/training/data.ts';
import { createRandom } from '../../../src-core/training/random.ts';
import { syntheticImages } from '../../support/synthetic-images.ts';
import { tinyRecipe } from '../../support/tiny-recipe.ts';

const PLAIN = {
  'augmentation.mirror': 'false',
  'augmentation.quarterTurns': 'false',
  'augmentation.jitter': '0',
  'augmentation.noise': '0',
  'data.mean': '[0,0,0]',
  'data.standardDeviation': '[1,1,1]',
};
const plain = tinyRecipe(PLAIN);
const turning = tinyRecipe({ ...PLAIN, 'augmentation.mirror': 'true', 'augmentation.quarterTurns': 'true' });

const batchesOf = (data: ImageData, config: TrainingConfig): Batches =>
  new Batches(data, config, new PreparedImages(data, config));
const drawn = (value: number): LabelPlane => ({ width: 32, height: 32, data: new Uint8Array(32 * 32).fill(value) });

describe('regions to learn from', () => {
  it('implies for an image what any of its windows shows, and takes its own tag where it has one', () => {
    const window = { x: 0, y: 0, width: 8, height: 8 };
    const tags = [
      { item: 'a', window, present: [1, 0] },
      { item: 'a', window, present: [0, 1] },
      { item: 'b', window, present: [1, 1] },
      { item: 'b', present: [0, 1] },
    ];
    expect(wholeImageTags(tags)).toEqual([
      { item: 'b', present: [0, 1] },
      { item: 'a', present: [1, 1] },
    ]);
  });

  it('says nothing of an image where none of its windows does, and lets any that does decide', () => {
    const window = { x: 0, y: 0, width: 8, height: 8 };
    const tags = [
      { item: 'a', window, present: [1, UNKNOWN, UNKNOWN, 0] },
      { item: 'a', window, present: [UNKNOWN, 0, UNKNOWN, 1] },
    ];
    expect(wholeImageTags(tags)).toEqual([{ item: 'a', present: [1, 0, UNKNOWN, 1] }]);
  });

  it('takes training images only', () => {
    const data = syntheticImages({ splits: ['test', 'train', 'validation', 'train'] });
    expect(trainingRegions(data).images.map(({ item }) => item)).toEqual(['image-1', 'image-3']);
  });

  it('adds untagged images that a person has drawn, tagged by what is drawn', async () => {
    const tags = [{ item: 'image-0', present: [1, 0] }];
    const reviewed = { 'image-1': drawn(2), 'image-2': drawn(0) };
    const { images } = await supervisedRegions(syntheticImages({ tags, reviewed }));
    expect(images).toEqual([
      { item: 'image-0', present: [1, 0] },
      { item: 'image-1', present: [0, 1] },
      { item: 'image-2', present: [0, 0] },
    ]);
  });

  it('says what is missing when there is neither tag nor drawing', async () => {
    await expect(supervisedRegions(syntheticImages({ tags: [] }))).rejects.toThrow('No training image has a tag');
  });
});

describe('the order of images', () => {
  it('takes every image once an epoch, in another order each, and depends on the position alone', () => {
    const order = new EpochOrder(7, 3);
    const epoch = (e: number) => Array.from({ length: 7 }, (_, i) => order.at(7 * e + i));
    const [first, second] = [epoch(0), epoch(1)];
    expect([...first].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect([...second].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(second).not.toEqual(first);
    expect(new EpochOrder(7, 3).at(9)).toBe(second[2]);
  });
});

describe('batches', () => {
  it('cut a tagged window out of the image at the side asked for', async () => {
    const data = syntheticImages();
    const present = [1, 0];
    const window = { x: 4, y: 4, width: 16, height: 16 };
    const feeds = await batchesOf(data, plain).tagged([{ item: 'image-0', window, present }], 16, createRandom(1));
    const image = await data.image('image-0');
    const cut = Float32Array.from({ length: 256 }, (_, i) => image.data[(4 + Math.floor(i / 16)) * 32 + 4 + (i % 16)]!);
    expect(feeds['image']!.shape).toEqual([1, 3, 16, 16]);
    expect([...(feeds['image']!.data as Float32Array).subarray(0, 256)]).toEqual([...cut]);
    expect([...feeds['present']!.data]).toEqual([1, 0]);
  });

  it('mark the tokens of windows pooled in place, turned with the image', async () => {
    // The tokens of one window stay on the same pixels whatever the turn: a bright window on a dark image.
    const bright: ImageData = {
      ...syntheticImages(),
      image: () => {
        const data = new Float32Array(32 * 32);
        for (let y = 0; y < 16; y++) data.fill(1, y * 32, y * 32 + 8);
        return Promise.resolve({ width: 32, height: 32, channels: 1, data });
      },
    };
    const tag = { item: 'image-0', window: { x: 0, y: 0, width: 8, height: 16 }, present: [1, 0] };
    const region = { item: 'image-0', present: [1, 0], windows: [tag] };
    for (let seed = 0; seed < 12; seed++) {
      const pooled = { windowsPerImage: 1, stride: 8 };
      const feeds = await batchesOf(bright, turning).tagged([region], 32, createRandom(seed), pooled);
      const tokens = [...feeds['windowTokens']!.data];
      const centres = tokens.map((_, i) => {
        const [row, column] = [Math.floor(i / 4) * 8 + 4, (i % 4) * 8 + 4];
        return feeds['image']!.data[row * 32 + column];
      });
      expect(tokens.reduce((sum, x) => sum + x, 0)).toBe(2);
      expect(tokens).toEqual(centres);
    }
  });

  it('give a person’s labels to the pixels they were drawn on, whatever the turn', async () => {
    const plainImages = syntheticImages();
    const data: ImageData = { ...plainImages, reviewed: (item) => plainImages.truth(item) };
    const present = [1, 0];
    for (let seed = 0; seed < 8; seed++) {
      const feeds = await batchesOf(data, turning).tagged([{ item: 'image-0', present }], 32, createRandom(seed));
      const bright = [...(feeds['image']!.data as Float32Array).subarray(0, 1024)].map((value) =>
        value > 0.5 ? 1 : 0,
      );
      expect([...feeds['reviewed']!.data]).toEqual(bright);
    }
  });

  it('leave labels open where no person has drawn', async () => {
    const feeds = await batchesOf(syntheticImages(), plain).tagged(
      [{ item: 'image-0', present: [1, 0] }],
      32,
      createRandom(1),
    );
    expect(feeds['reviewed']!.data.every((label) => label === IGNORE)).toBe(true);
  });

  it('teach segmentation from a drawn mask rather than from the pseudo mask', async () => {
    const data = syntheticImages({ reviewed: { 'image-0': drawn(2) } });
    const pseudo = () => new Uint8Array(32 * 32).fill(1);
    const feeds = await batchesOf(data, plain).labelled(['image-0', 'image-1'], pseudo, 16, createRandom(1));
    const labels = [...feeds['labels']!.data];
    expect(new Set(labels.slice(0, 256))).toEqual(new Set([2]));
    expect(new Set(labels.slice(256))).toEqual(new Set([1]));
  });

  it('turn the labels of a segmentation window with its image', async () => {
    const data = syntheticImages();
    const truth = (await data.truth('image-0'))!;
    for (let seed = 0; seed < 8; seed++) {
      const feeds = await batchesOf(data, turning).labelled(['image-0'], () => truth.data, 24, createRandom(seed));
      const bright = [...(feeds['image']!.data as Float32Array).subarray(0, 576)].map((value) => (value > 0.5 ? 1 : 0));
      expect([...feeds['labels']!.data]).toEqual(bright);
    }
  });

  it('repeat the border and leave labels open when the window is larger than the image', async () => {
    const feeds = await batchesOf(syntheticImages(), plain).labelled(
      ['image-0'],
      () => new Uint8Array(32 * 32),
      40,
      createRandom(1),
    );
    expect(feeds['labels']!.data.filter((label) => label === IGNORE)).toHaveLength(40 * 40 - 32 * 32);
  });

  it('names an item that a tag has and the project has not', async () => {
    const batches = batchesOf(syntheticImages(), plain);
    const unknown = [{ item: 'image-9', present: [1, 0] }];
    await expect(batches.tagged(unknown, 32, createRandom(1))).rejects.toThrow('image-9');
  });
});
