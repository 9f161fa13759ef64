// Slices of source files as values, decoded on demand and kept within a bound of bytes.
import { planeOf, type ArrayStack } from '../../src-core/datasets/codecs/hdf5-stacks.ts';
import type { DicomFile } from '../../src-core/datasets/importer.ts';
import { isRefusal, type Refusal } from '../../src-core/imaging/refusal.ts';
import { planeBytes, type VolumeHeader } from '../../src-core/imaging/volume-header.ts';
import { decodeVoxels, type VoxelValues } from '../../src-core/imaging/voxels.ts';
import type { ProjectPart, ProjectVolume, SourceRecord } from '../storage/dataset-store.ts';
import { ProjectError } from '../storage/project-error.ts';
import { ByteCache } from './byte-cache.ts';
import { openDicomFile } from './dicom/dicom-file.ts';
import { openStackFile } from './hdf5-file.ts';
import { readMaskFile, readRasterFile } from './raster-file.ts';
import { locateSource } from './source-files.ts';
import { openVolumeFile, type OpenVolumeFile } from './volume-file.ts';

/** Where the slices of a volume lie. */
export type ImagePlace = Pick<ProjectVolume, 'source' | 'parts' | 'phaseIndex' | 'width' | 'height' | 'channels'>;

/** Where the truth of a volume lies. */
export type TruthPlace = Pick<ProjectVolume, 'truth' | 'width' | 'height'>;

/** Counted for an open file that keeps no voxels. */
const HEADER_ONLY_BYTES = 1024;

/** What the cache keeps of a source: values of one image or of all its slices, an open file, or the stored bytes of one phase. */
type Decoded =
  | { readonly kind: 'plane'; readonly values: VoxelValues }
  | { readonly kind: 'stack'; readonly stack: ArrayStack }
  | { readonly kind: 'dicom'; readonly file: DicomFile; readonly bytes: number }
  | { readonly kind: 'volume'; readonly file: OpenVolumeFile }
  | { readonly kind: 'phase'; readonly header: VolumeHeader; readonly bytes: Uint8Array };

/** Decodes the sources of one project. */
export class SourceDecoder {
  private readonly directory: string;
  private readonly cache: ByteCache<Decoded>;

  constructor(directory: string, cacheBytes: number) {
    this.directory = directory;
    this.cache = new ByteCache(cacheBytes, sizeOfDecoded);
  }

  /** Values of a slice, channels interleaved. Throws where the source is not as it was at import. */
  async image(volume: ImagePlace, slice: number): Promise<VoxelValues> {
    const { width, height, channels, phaseIndex } = volume;
    const part = volume.parts?.[slice];
    const source = part?.source ?? volume.source;
    const values = part ? await this.frame(part) : await this.slice(source, phaseIndex, slice, 'image');
    checkCount(source, values.length, width * height * channels);
    return values;
  }

  /** Values of a slice of the volume's truth; undefined where it has none. */
  async truth(volume: TruthPlace, slice: number): Promise<VoxelValues | undefined> {
    if (!volume.truth) return undefined;
    const { source, phaseIndex } = volume.truth;
    const values = await this.slice(source, phaseIndex, slice, 'mask');
    checkCount(source, values.length, volume.width * volume.height);
    return values;
  }

  private async slice(
    source: SourceRecord,
    phaseIndex: number,
    slice: number,
    use: 'image' | 'mask',
  ): Promise<VoxelValues> {
    if (source.kind === 'raster') {
      return planeValues(await this.cache.get(`${use} ${source.relativePath}`, () => this.openRaster(source, use)), 0);
    }
    const opened = await this.cache.get(`file ${source.relativePath}`, () => this.openVolume(source));
    const phase = (): Promise<Decoded> => readPhase(opened, phaseIndex, source);
    const isKept = opened.kind !== 'volume' || opened.file.keeps > 0;
    const decoded = await (isKept ? phase() : this.cache.get(`phase ${phaseIndex} ${source.relativePath}`, phase));
    return planeValues(decoded, slice);
  }

  private async frame({ source, frame }: ProjectPart): Promise<VoxelValues> {
    if (source.kind === 'pages') {
      const open = (): Promise<Decoded> => this.openRaster(source, 'image', frame);
      return planeValues(await this.cache.get(`frame ${frame} ${source.relativePath}`, open), 0);
    }
    const open = (): Promise<Decoded> => (source.kind === 'hdf5' ? this.openStack(source) : this.openDicom(source));
    const opened = await this.cache.get(`file ${source.relativePath}`, open);
    if (opened.kind === 'stack') return accept(source.absolutePath, planeOf(opened.stack, frame)).values;
    if (opened.kind !== 'dicom') return planeValues(opened, 0);
    const decoded = await this.cache.get(`frame ${frame} ${source.relativePath}`, () =>
      readFrame(opened.file, frame, source),
    );
    return planeValues(decoded, 0);
  }

  private async openRaster(source: SourceRecord, use: 'image' | 'mask', page = 0): Promise<Decoded> {
    const path = await locateSource(this.directory, source);
    const image = accept(path, use === 'mask' ? await readMaskFile(path, page) : await readRasterFile(path, page));
    return { kind: 'plane', values: image.values };
  }

  private async openVolume(source: SourceRecord): Promise<Decoded> {
    const path = await locateSource(this.directory, source);
    const file = accept(path, await openVolumeFile(path));
    // Inflated here, where the cache limits how many are made at once.
    if (file.keeps > 0) accept(path, await file.phase(0));
    return { kind: 'volume', file };
  }

  private async openStack(source: SourceRecord): Promise<Decoded> {
    const path = await locateSource(this.directory, source);
    return { kind: 'stack', stack: accept(path, await openStackFile(path)).image };
  }

  /** A file of many frames stays open; of a file with one frame, that frame is all there is to keep. */
  private async openDicom(source: SourceRecord): Promise<Decoded> {
    const path = await locateSource(this.directory, source);
    const file = accept(path, await openDicomFile(path));
    const header = accept(path, file.header);
    return header.pixels.frames > 1 ? { kind: 'dicom', file, bytes: source.size } : readFrame(file, 0, source);
  }
}

async function readPhase(opened: Decoded, phaseIndex: number, source: SourceRecord): Promise<Decoded> {
  if (opened.kind !== 'volume') return opened;
  const bytes = accept(source.absolutePath, await opened.file.phase(phaseIndex));
  return { kind: 'phase', header: opened.file.header, bytes };
}

async function readFrame(file: DicomFile, frame: number, source: SourceRecord): Promise<Decoded> {
  const { values } = accept(source.absolutePath, await file.frame(frame));
  return { kind: 'plane', values };
}

function planeValues(decoded: Decoded, slice: number): VoxelValues {
  if (decoded.kind === 'plane') return decoded.values;
  if (decoded.kind !== 'phase') throw new Error('plane: expected a phase or a frame, got a whole file');
  const { header, bytes } = decoded;
  const length = planeBytes(header);
  return decodeVoxels(header, bytes.subarray(slice * length, (slice + 1) * length));
}

function sizeOfDecoded(decoded: Decoded): number {
  switch (decoded.kind) {
    case 'plane':
      return decoded.values.byteLength;
    case 'phase':
      return decoded.bytes.byteLength;
    case 'stack':
      return decoded.stack.values.byteLength;
    case 'dicom':
      return decoded.bytes;
    case 'volume':
      return HEADER_ONLY_BYTES + decoded.file.keeps;
  }
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
