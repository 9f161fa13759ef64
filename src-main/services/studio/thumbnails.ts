// Small pictures of items. They are made from the source when they are first looked at, and kept in the project's cache.
import { availableParallelism } from 'node:os';
import sharp, { type Sharp } from 'sharp';
import { EIGHT_BIT_RANGE } from '../../../src-core/imaging/normalise.ts';
import type { Plane } from '../../../src-core/imaging/plane.ts';
import type { ProjectImages } from '../image-data.ts';
import type { Project, ProjectVolume } from '../project.ts';
import { locateSource } from '../source-files.ts';
import { ThumbnailCache } from './thumbnail-cache.ts';
import { Turns } from './turns.ts';

/** Sides of the square that a picture fits in, pixels. */
const SIDES = [96, 160, 256, 384, 1024] as const;
const QUALITY = 82;

/** The thumbnails of one project, as WebP. */
export class Thumbnails {
  private readonly project: Project;
  private readonly images: ProjectImages;
  private readonly cache: ThumbnailCache;
  private readonly turns = new Turns(Math.max(2, availableParallelism()));

  constructor(project: Project, images: ProjectImages) {
    this.project = project;
    this.images = images;
    this.cache = new ThumbnailCache(project.directory);
  }

  /** A picture at least as large as asked, up to the largest kept; never larger than the image. Throws when `signal` aborts before it is begun. */
  async read(item: string, wanted: number, signal?: AbortSignal): Promise<Uint8Array> {
    const side = SIDES.find((each) => each >= wanted) ?? SIDES.at(-1)!;
    const kept = this.cache.read(item, side);
    if (kept) return kept;
    return this.turns.take(async () => {
      const made = await this.draw(item, this.images.volume(item), side);
      this.cache.write(item, side, made);
      return made;
    }, signal);
  }

  /** Forgets every stored picture; they are made again when they are shown. */
  clear(): void {
    this.cache.clear();
  }

  close(): void {
    this.cache.close();
  }

  private async draw(item: string, { source, range }: ProjectVolume, side: number): Promise<Uint8Array> {
    if (source.kind === 'raster' && range.low === EIGHT_BIT_RANGE.low && range.high === EIGHT_BIT_RANGE.high) {
      const file = sharp(await locateSource(this.project.directory, source));
      // The library reads a large file at a fraction of its size, away from this thread.
      if ((await file.metadata()).depth === 'uchar') return shrink(file.autoOrient().flatten(), side);
    }
    return shrink(pictureOf(await this.images.image(item)), side);
  }
}

function pictureOf({ width, height, channels, data }: Plane): Sharp {
  const bytes = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 1) bytes[i] = Math.round(data[i]! * 255);
  return sharp(bytes, { raw: { width, height, channels } });
}

function shrink(picture: Sharp, side: number): Promise<Uint8Array> {
  return picture
    .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
    .webp({ quality: QUALITY, effort: 2 })
    .toBuffer();
}
