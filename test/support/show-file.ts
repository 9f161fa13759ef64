// Files of exports as text that a person can read: texts as they are, pictures, volumes and arrays row by row.
import { decode } from 'fast-png';
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { decodeHdf5 } from '../../src-core/datasets/codecs/hdf5.ts';
import { decodeIndexedPng, isIndexedPng } from '../../src-core/datasets/codecs/indexed-png.ts';
import { numberOf, type DicomDataset, type DicomElement } from '../../src-core/imaging/dicom-elements.ts';
import { parseNiftiHeader } from '../../src-core/imaging/nifti.ts';
import { isRefusal, type Refusal } from '../../src-core/imaging/refusal.ts';
import { decodeVoxels } from '../../src-core/imaging/voxels.ts';
import { openDicomFile } from '../../src-main/services/dicom/dicom-file.ts';

/** Lines of a file's content, by its extension. */
export async function showFile(path: string): Promise<string> {
  if (path.endsWith('.png')) return showPng(await readFile(path));
  if (path.endsWith('.jpg')) return `${(await readFile(path)).length} bytes`;
  if (path.endsWith('.nii.gz')) return showNifti(gunzipSync(await readFile(path)));
  if (path.endsWith('.h5')) return showHdf5(await readFile(path));
  if (path.endsWith('.dcm')) return showDicom(path);
  return readFile(path, 'utf8');
}

function showPng(bytes: Uint8Array): string {
  if (isIndexedPng(bytes)) {
    const { width, height, data, palette } = accept(decodeIndexedPng(bytes));
    const used = [...new Set(data)].sort((a, b) => a - b);
    const colours = used.map((index) => `${index} = ${palette[index]!.join(' ')}`).join(', ');
    return `palette PNG, ${width} x ${height}, ${colours}\n${rows(data, width)}`;
  }
  const { width, height, data, depth, channels } = decode(bytes);
  return `PNG, ${width} x ${height}, ${depth} bit, ${channels} channels\n${rows(data, width * channels)}`;
}

function showNifti(bytes: Uint8Array): string {
  const header = accept(parseNiftiHeader(bytes));
  const { width, height, slices, phases, geometry } = header;
  const values = decodeVoxels(header, bytes.subarray(header.voxelOffset));
  const affine = geometry.affine.map((row) => row.map((value) => plain(value)).join(' ')).join(' / ');
  return `NIfTI-${header.version}, ${[width, height, slices, phases].join(' x ')}, ${header.voxelType}, ${affine}\n${planes(values, width, height)}`;
}

async function showHdf5(bytes: Uint8Array): Promise<string> {
  const found = await decodeHdf5(bytes, ['image', 'label', 'scribble']);
  const arrays = accept(isRefusal(found) ? await decodeHdf5(bytes, ['image', 'label']) : found);
  return Object.entries(arrays)
    .map(([name, { shape, data }]) => {
      const [height = 1, width = 1] = shape.slice(-2);
      return `${name}, ${data.constructor.name}, ${shape.join(' x ')}\n${planes(data, width, height)}`;
    })
    .join('\n');
}

async function showDicom(path: string): Promise<string> {
  const file = accept(await openDicomFile(path));
  const { dataset, header } = file;
  const elements = showDataset(dataset, '');
  const frames: string[] = [];
  const { pixels } = accept(header);
  const width = numberOf(dataset, '00280011')!;
  for (let index = 0; index < pixels.frames; index++) {
    frames.push(`frame ${index + 1}`, rows(accept(await file.frame(index)).values, width));
  }
  return [...elements, ...frames].join('\n');
}

const PIXELS = '7FE00010';

function showDataset(dataset: DicomDataset, indent: string): string[] {
  return Object.keys(dataset)
    .filter((tag) => tag !== PIXELS)
    .sort()
    .flatMap((tag) => {
      const { vr, Value: values = [] }: DicomElement = dataset[tag]!;
      if (vr !== 'SQ') return [`${indent}${tag} ${vr} ${values.map(showValue).join(' \\ ')}`];
      // A sequence holds data sets.
      const items = (values as readonly DicomDataset[]).flatMap((item) => [
        `${indent}  item`,
        ...showDataset(item, `${indent}    `),
      ]);
      return [`${indent}${tag} SQ`, ...items];
    });
}

function showValue(value: unknown): string {
  if (value instanceof ArrayBuffer) return Buffer.from(value).toString('hex');
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function planes(values: ArrayLike<number>, width: number, height: number): string {
  const all = Array.from(values);
  const size = width * height;
  return Array.from({ length: all.length / size }, (_, slice) =>
    rows(all.slice(slice * size, (slice + 1) * size), width),
  ).join('\n-\n');
}

function rows(values: ArrayLike<number>, width: number): string {
  const cells = Array.from(values, plain);
  const wide = Math.max(...cells.map(({ length }) => length));
  return Array.from({ length: cells.length / width }, (_, row) =>
    cells
      .slice(row * width, (row + 1) * width)
      .map((cell) => cell.padStart(wide))
      .join(' '),
  ).join('\n');
}

function plain(value: number): string {
  return String(Number(value.toFixed(4)));
}

function accept<Value>(reading: Value | Refusal): Value {
  if (isRefusal(reading)) throw new Error(`expected ${reading.expected}, found ${reading.found}`);
  return reading;
}
