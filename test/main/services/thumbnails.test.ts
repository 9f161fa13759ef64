import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openImageData } from '../../../src-main/services/image-data.ts';
import { importDataset } from '../../../src-main/services/import.ts';
import { Project } from '../../../src-main/services/project.ts';
import { ThumbnailCache } from '../../../src-main/services/studio/thumbnail-cache.ts';
import { Thumbnails } from '../../../src-main/services/studio/thumbnails.ts';
import { Turns } from '../../../src-main/services/studio/turns.ts';
import { put, temporaryFolder, writeAcdc } from '../../support/source-folders.ts';

interface Opened {
  readonly thumbnails: Thumbnails;
  /** In the order they were found. */
  readonly items: readonly string[];
}

async function openThumbnails(source: string, directory: string): Promise<Opened> {
  await importDataset(source, directory);
  const project = Project.open(directory);
  const thumbnails = new Thumbnails(project, openImageData(project));
  onTestFinished(() => {
    thumbnails.close();
    project.close();
  });
  return { thumbnails, items: project.items.map(({ id }) => id) };
}

describe('thumbnails', () => {
  it('show a slice of a volume as it is normalised, no larger than it is', async () => {
    const folder = temporaryFolder();
    writeAcdc(join(folder, 'source'), ['patient001']);
    const { thumbnails, items } = await openThumbnails(join(folder, 'source'), join(folder, 'project'));
    const first = await thumbnails.read(items[0]!, 160);
    const last = await thumbnails.read(items[3]!, 160);
    expect(await sharp(first).metadata()).toMatchObject({ format: 'webp', width: 12, height: 10 });
    // Slice k was written with values 100 k higher.
    expect((await sharp(last).stats()).channels[0]!.mean).toBeGreaterThan(
      (await sharp(first).stats()).channels[0]!.mean + 100,
    );
  });

  it('fit a photograph into the size asked for', async () => {
    const folder = temporaryFolder();
    const red = sharp({ create: { width: 600, height: 300, channels: 3, background: '#c00000' } });
    put(folder, 'source/cat/a.png', await red.png().toBuffer());
    const { thumbnails, items } = await openThumbnails(join(folder, 'source'), join(folder, 'project'));
    const picture = await thumbnails.read(items[0]!, 150);
    expect(await sharp(picture).metadata()).toMatchObject({ width: 160, height: 80 });
    const [r, g] = (await sharp(picture).stats()).channels;
    expect(r!.mean).toBeGreaterThan(180);
    expect(g!.mean).toBeLessThan(12);
  });

  it('come from the cache when the source is gone, and say what is missing otherwise', async () => {
    const folder = temporaryFolder();
    const grey = sharp({ create: { width: 60, height: 60, channels: 3, background: '#777' } });
    const file = put(folder, 'source/cat/a.png', await grey.png().toBuffer());
    const { thumbnails, items } = await openThumbnails(join(folder, 'source'), join(folder, 'project'));
    const before = await thumbnails.read(items[0]!, 96);
    writeFileSync(file, 'no image');
    expect(Buffer.from(await thumbnails.read(items[0]!, 96))).toEqual(Buffer.from(before));
    await expect(thumbnails.read(items[0]!, 256)).rejects.toThrow('changed since it was imported');
    await expect(thumbnails.read('none', 96)).rejects.toThrow('item: expected one of the project, got "none"');
  });
});

describe('the cache of thumbnails', () => {
  it('is made anew when its file is damaged', () => {
    const folder = temporaryFolder();
    put(folder, 'cache/thumbnails.db', 'this is no database, but it is long enough to be read as one'.repeat(20));
    const cache = new ThumbnailCache(folder);
    onTestFinished(() => cache.close());
    cache.write('a', 96, Uint8Array.of(1, 2, 3));
    expect(cache.read('a', 96)).toEqual(Uint8Array.of(1, 2, 3));
    expect(cache.read('a', 160)).toBeUndefined();
  });

  it('forgets the oldest pictures when it is full', () => {
    const cache = new ThumbnailCache(temporaryFolder(), 2 ** 20);
    onTestFinished(() => cache.close());
    for (let i = 0; i < 1000; i += 1) cache.write(`item ${i}`, 96, new Uint8Array(4096));
    expect(cache.read('item 0', 96)).toBeUndefined();
    expect(cache.read('item 999', 96)).toBeDefined();
  });
});

describe('turns', () => {
  it('are given in order, to no more than a few at once, and not to one who has left', async () => {
    const turns = new Turns(1);
    const order: string[] = [];
    const first = Promise.withResolvers<void>();
    const leaving = new AbortController();
    const all = [
      turns.take(async () => {
        order.push('first begins');
        await first.promise;
        order.push('first ends');
      }),
      turns.take(() => Promise.resolve(order.push('second')), leaving.signal),
      turns.take(() => Promise.resolve(order.push('third'))),
    ];
    leaving.abort();
    await expect(all[1]).rejects.toThrow('aborted');
    first.resolve();
    await Promise.all([all[0], all[2]]);
    expect(order).toEqual(['first begins', 'first ends', 'third']);
  });
});
