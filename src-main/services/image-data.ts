// What training and prediction read, over a project: decoded on demand, kept within a bound of bytes.
import { normalise } from '../../src-core/imaging/normalise.ts';
import { planeBytes, type NiftiHeader } from '../../src-core/imaging/nifti.ts';
import type { LabelPlane, Plane } from '../../src-core/imaging/plane.ts';
import { isRefusal, type Refusal } from '../../src-core/imaging/refusal.ts';
import { decodeVoxels } from '../../src-core/imaging/voxels.ts';
import { supervises } from '../../src-core/review/item-state.ts';
import { toLabels } from '../../src-core/datasets/truth-labels.ts';
import type { RasterImage } from '../../src-core/datasets/importer.ts';
import type { DataItem, ImageData, TaggedRegion } from '../../src-core/training/data.ts';
import { ProjectError } from '../storage/project-error.ts';
import type { ProjectItem, ProjectVolume, SourceRecord } from '../storage/dataset-store.ts';
import { ByteCache } from './byte-cache.ts';
import { openNiftiFile, type OpenNiftiFile } from './nifti-file.ts';
import { REVIEWED, type Project } from './project.ts';
import { readMaskFile, readRasterFile } from './raster-file.ts';
import { locateSource } from './source-files.ts';

/** Bytes of decoded sources kept by default. */
const CACHE_BYTES = 512 * 2 ** 20;

/** Counted for an open file that keeps no voxels. */
const HEADER_ONLY_BYTES = 1024;

/** What the cache keeps of a source: pixels, an open volume file, or the stored bytes of one phase of it. */
type Decoded =
  | { readonly kind: 'raster'; readonly image: RasterImage }
  | { readonly kind: 'file'; readonly file: OpenNiftiFile }
  | { readonly kind: 'phase'; readonly header: NiftiHeader; readonly bytes: Uint8Array };

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
  private readonly cache: ByteCache<Decoded>;
  private readonly byId = new Map<string, ProjectItem>();
  private readonly volumes = new Map<string, ProjectVolume>();
  readonly classes: readonly string[];
  readonly items: readonly DataItem[];
  readonly tags: readonly TaggedRegion[];

  constructor(project: Project, cacheBytes: number) {
    this.project = project;
    this.cache = new ByteCache(cacheBytes, sizeOfDecoded);
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
    const { width, height, channels } = volume;
    const decoded = await this.decode(volume.source, volume.phaseIndex, 'image');
    const values = planeValues(decoded, slice);
    checkCount(volume.source, values.length, width * height * channels);
    return values;
  }

  volume(item: string): ProjectVolume {
    return this.find(item).volume;
  }

  async truth(item: string): Promise<LabelPlane | undefined> {
    const { slice, volume } = this.find(item);
    if (!volume.truth) return undefined;
    const decoded = await this.decode(volume.truth.source, volume.truth.phaseIndex, 'mask');
    const values = planeValues(decoded, slice);
    checkCount(volume.truth.source, values.length, volume.width * volume.height);
    return toLabels(values, volume.width, volume.height, volume.truth.values);
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

  private async decode(source: SourceRecord, phaseIndex: number, use: 'image' | 'mask'): Promise<Decoded> {
    if (source.kind === 'raster')
      return this.cache.get(`${use} ${source.relativePath}`, () => this.decodeRaster(source, use));
    const opened = await this.cache.get(`file ${source.relativePath}`, () => this.openNifti(source));
    if (opened.kind !== 'file' || opened.file.keeps > 0) return readPhase(opened, phaseIndex, source);
    return this.cache.get(`phase ${phaseIndex} ${source.relativePath}`, () => readPhase(opened, phaseIndex, source));
  }

  private async decodeRaster(source: SourceRecord, use: 'image' | 'mask'): Promise<Decoded> {
    const path = await locateSource(this.project.directory, source);
    return {
      kind: 'raster',
      image: accept(path, use === 'mask' ? await readMaskFile(path) : await readRasterFile(path)),
    };
  }

  private async openNifti(source: SourceRecord): Promise<Decoded> {
    const path = await locateSource(this.project.directory, source);
    const file = accept(path, await openNiftiFile(path));
    // Inflated here, where the cache limits how many are made at once.
    if (file.keeps > 0) accept(path, await file.phase(0));
    return { kind: 'file', file };
  }
}

async function readPhase(opened: Decoded, phaseIndex: number, source: SourceRecord): Promise<Decoded> {
  if (opened.kind !== 'file') return opened;
  const bytes = accept(source.absolutePath, await opened.file.phase(phaseIndex));
  return { kind: 'phase', header: opened.file.header, bytes };
}

function planeValues(decoded: Decoded, slice: number): ArrayLike<number> {
  if (decoded.kind === 'raster') return decoded.image.values;
  if (decoded.kind === 'file') throw new Error('plane: expected a phase, got a whole file');
  const { header, bytes } = decoded;
  const length = planeBytes(header);
  return decodeVoxels(header, bytes.subarray(slice * length, (slice + 1) * length));
}

function sizeOfDecoded(decoded: Decoded): number {
  if (decoded.kind === 'raster') return decoded.image.values.byteLength;
  if (decoded.kind === 'phase') return decoded.bytes.byteLength;
  return HEADER_ONLY_BYTES + decoded.file.keeps;
}

function accept<Value>(path: string, reading: Value | Refusal): Value {
  if (!isRefusal(reading)) return reading;
  const message = `${path} has changed since it was imported: expected ${reading.expected}, found ${reading.found}.`;
  throw new ProjectError('source-changed', message);
}

function checkCount(source: SourceRecord, found: number, expected: number): void {
  if (found === expected) return;
  const message = `${source.absolutePath} has changed since it was imported: expected ${expected} values a slice, found ${found}.`;
  throw new ProjectError('source-changed', message);
}
