// What training and prediction read, over a project.
import { normalise } from '../../src-core/imaging/normalise.ts';
import type { LabelPlane, Plane } from '../../src-core/imaging/plane.ts';
import { toLabels } from '../../src-core/datasets/truth-labels.ts';
import type { DataItem, ImageData, TaggedRegion } from '../../src-core/training/data.ts';
import type { ProjectVolume } from '../storage/dataset-store.ts';
import { TRUTH, type Project } from './project.ts';
import { reviewedMask } from './reviewed-mask.ts';
import { SourceDecoder } from './source-decoder.ts';

/** Bytes of decoded sources kept by default. */
const CACHE_BYTES = 512 * 2 ** 20;

/** What training reads, and the images as they are stored. */
export interface ProjectImages extends ImageData {
  /** Values of an item's image at full depth, rows first, channels together; not to be changed. */
  pixels(item: string): Promise<ArrayLike<number>>;
  /** The volume (or single image) that an item belongs to. */
  volume(item: string): ProjectVolume;
}

/** The images, tags and masks of a project. */
export function openImageData(project: Project, options: { readonly cacheBytes?: number } = {}): ProjectImages {
  return new ProjectImageData(project, options.cacheBytes ?? CACHE_BYTES);
}

class ProjectImageData implements ProjectImages {
  private readonly project: Project;
  private readonly decoder: SourceDecoder;
  private readonly places = new Map<string, { readonly volume: ProjectVolume; readonly slice: number }>();
  private readTags: readonly TaggedRegion[] | undefined;
  readonly classes: readonly string[];

  constructor(project: Project, cacheBytes: number) {
    this.project = project;
    this.decoder = new SourceDecoder(project.directory, cacheBytes);
    this.classes = project.classes;
  }

  get items(): readonly DataItem[] {
    return this.project.items;
  }

  /** As they were when they were first asked for: a training sees the same ones to its end. */
  get tags(): readonly TaggedRegion[] {
    return (this.readTags ??= this.project.tags());
  }

  async image(item: string): Promise<Plane> {
    const { width, height, channels, range } = this.volume(item);
    return { width, height, channels, data: normalise(await this.pixels(item), range) };
  }

  async pixels(item: string): Promise<ArrayLike<number>> {
    const { slice, volume } = this.find(item);
    return this.decoder.image(volume, slice);
  }

  volume(item: string): ProjectVolume {
    return this.find(item).volume;
  }

  async truth(item: string): Promise<LabelPlane | undefined> {
    const { slice, volume } = this.find(item);
    if (!volume.truth) return this.project.readLabelMap(item, TRUTH);
    const values = await this.decoder.truth(volume, slice);
    return values && toLabels(values, volume.width, volume.height, volume.truth.values);
  }

  reviewed(item: string): Promise<LabelPlane | undefined> {
    return Promise.resolve(reviewedMask(this.project, item));
  }

  private find(id: string): { readonly volume: ProjectVolume; readonly slice: number } {
    const place = this.places.get(id) ?? this.project.place(id);
    this.places.set(id, place);
    return place;
  }
}
