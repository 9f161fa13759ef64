// The importers' file port over values in memory.
import type { StackFile } from '../../src-core/datasets/codecs/hdf5-stacks.ts';
import type { DatasetFiles, DicomFile, VolumeFile, RasterImage, ScanEvent } from '../../src-core/datasets/importer.ts';
import { niftiFileBytes, parseNiftiHeader } from '../../src-core/imaging/nifti.ts';
import { phaseBytes } from '../../src-core/imaging/volume-header.ts';
import { isRefusal, refuse, type Refusal } from '../../src-core/imaging/refusal.ts';

/** Files by path: uncompressed NIfTI bytes, texts, rows of tables, images. */
export interface MemoryFiles {
  readonly nifti?: Readonly<Record<string, Uint8Array>>;
  readonly text?: Readonly<Record<string, string>>;
  readonly tables?: Readonly<Record<string, readonly (readonly string[])[]>>;
  readonly rasters?: Readonly<Record<string, RasterImage>>;
}

/** Gives the files of a data set from memory. */
export function memoryDataset(files: MemoryFiles): DatasetFiles {
  const { nifti = {}, text = {}, tables = {}, rasters = {} } = files;
  const paths = [nifti, text, tables, rasters].flatMap((group) => Object.keys(group));
  const found = <Value>(value: Value | undefined): Promise<Value | Refusal> =>
    Promise.resolve(value ?? refuse('a file', 'none of that name'));
  return {
    place: 'memory',
    list: () => Promise.resolve(paths.sort().map((path) => ({ path, size: 1 }))),
    readText: (path) => Promise.resolve(text[path] ?? ''),
    readStart: (path, bytes) => Promise.resolve((text[path] ?? '').slice(0, bytes)),
    readRows: (path) => found(tables[path]),
    readVolume: (path) => found(nifti[path] && openBytes(nifti[path])),
    isDicom: () => Promise.resolve(false),
    readDicom: () => found<DicomFile>(undefined),
    readStacks: () => found<StackFile>(undefined),
    readRaster: (path) => found(rasters[path]),
    readMask: (path) => found(rasters[path]),
  };
}

/** All events of a scan. */
export async function collect(events: AsyncGenerator<ScanEvent>): Promise<ScanEvent[]> {
  const all: ScanEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** Events of one kind. */
export function ofKind<Kind extends ScanEvent['kind']>(
  events: readonly ScanEvent[],
  kind: Kind,
): Extract<ScanEvent, { kind: Kind }>[] {
  return events.filter((event): event is Extract<ScanEvent, { kind: Kind }> => event.kind === kind);
}

function openBytes(bytes: Uint8Array): VolumeFile | Refusal {
  const header = parseNiftiHeader(bytes);
  if (isRefusal(header)) return header;
  if (bytes.length < niftiFileBytes(header)) return refuse(`${niftiFileBytes(header)} bytes`, `${bytes.length}`);
  const length = phaseBytes(header);
  return {
    header,
    phase(index) {
      const start = header.voxelOffset + index * length;
      return Promise.resolve(bytes.slice(start, start + length));
    },
  };
}
