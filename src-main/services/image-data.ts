// What training and prediction read, over a project.
import { normalise } from '../../src-core/imaging/normalise.ts';
import type { LabelPlane, Plane } from '../../src-core/imaging/plane.ts';
import { supervises } from '../../src-core/review/item-state.ts';
import { toLabels } from '../../src-core/datasets/truth-labels.ts';
import type { DataItem, ImageData, TaggedRegion } from '../../src-core/training/data.ts';
import type { ProjectItem, ProjectVolume } from '../storage/dataset-store.ts';
import { REVIEWED, TRUTH, type Project } from './project.ts';
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
  private readonly byId = new Map<string, ProjectItem>();
  private readonly volumes = new Map<string, ProjectVolume>();
  readonly classes: readonly string[];
  readonly items: readonly DataItem[];
  readonly tags: readonly TaggedRegion[];

  constructor(project: Project, cacheBytes: number) {
    this.project = project;
    this.decoder = new SourceDecoder(project.directory, cacheBytes);
    this.classes = project.classes;
    this.items = project.items;
    this.tags = project.tags();
    for (const item of project.items) this.byId.set(item.id, item);
    for (const volume of project.volumes) this.volumes.set(volume.id, volume);
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
    const plane = supervises(this.project.state(item)) ? this.project.readLabelMap(item, REVIEWED) : undefined;
    return Promise.resolve(plane);
  }

  private find(id: string): { slice: number; volume: ProjectVolume } {
    const item = this.byId.get(id);
    const volume = item && this.volumes.get(item.volume);
    if (!item || !volume) throw new Error(`item: expected one of the project, got "${id}"`);
    return { slice: item.slice, volume };
  }
}
