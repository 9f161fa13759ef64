// DICOM files on disk: parsed by dcmjs, checked here, decoded a frame at a time.
import { open, readFile } from 'node:fs/promises';
import { inflateRawSync } from 'node:zlib';
import { data as dicom, log } from 'dcmjs';
import { readPalette } from '../../../src-core/imaging/dicom-colour.ts';
import { bytesOf, textOf, type DicomDataset } from '../../../src-core/imaging/dicom-elements.ts';
import { readDicomHeader, type DicomHeader } from '../../../src-core/imaging/dicom-header.ts';
import { decodeDicomFrame, frameBytes, singleBits, type DicomSamples } from '../../../src-core/imaging/dicom-pixels.ts';
import { isRefusal, refuse, type Refusal } from '../../../src-core/imaging/refusal.ts';
import type { DicomFile } from '../../../src-core/datasets/importer.ts';
import type { PlaneValues } from '../../../src-core/imaging/voxels.ts';
import { asDicomFile, isBareDicom } from './bare-dicom.ts';
import { decompress, isReadable, plainOrder } from './transfer-syntax.ts';

// What the library logs may hold values of the file, and so names of patients.
log.setLevel('silent');
log.getLogger('validation.dcmjs').setLevel('silent');

const PIXEL_DATA = '7FE00010';
const DEFLATED = '1.2.840.10008.1.2.1.99';
const EXPLICIT = '1.2.840.10008.1.2.1';
/** Larger files than this are not taken into memory. */
const MOST_BYTES = 2 ** 31 - 1;
/** A deflated file may grow by no more than this. */
const MOST_INFLATED = 2 ** 30;
const PREAMBLE = 128;

/** Whether a file begins as DICOM files do. */
export async function isDicomFile(path: string): Promise<boolean> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(PREAMBLE + 4), 0, PREAMBLE + 4, 0);
    return (bytesRead === PREAMBLE + 4 && buffer.toString('latin1', PREAMBLE) === 'DICM') || isBareDicom(buffer);
  } finally {
    await handle.close();
  }
}

/** Parses a file. Errors never quote values of it: they may name a patient. */
export async function openDicomFile(path: string): Promise<DicomFile | Refusal> {
  const bytes = await readWhole(path);
  if (isRefusal(bytes)) return bytes;
  const parsed = parse(bytes);
  if (isRefusal(parsed)) return parsed;
  const { meta, dataset } = parsed;
  const header = headerOf(meta, dataset);
  return {
    dataset,
    header,
    frame: (index) => (isRefusal(header) ? Promise.resolve(header) : decodeFrame(header, dataset, index)),
  };
}

async function readWhole(path: string): Promise<Uint8Array | Refusal> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    if (size > MOST_BYTES) return refuse(`a file of at most ${MOST_BYTES} bytes`, `${size} bytes`);
  } finally {
    await handle.close();
  }
  return readFile(path);
}

function parse(found: Uint8Array): { meta: DicomDataset; dataset: DicomDataset } | Refusal {
  const magic = Buffer.from(found.subarray(PREAMBLE, PREAMBLE + 4)).toString('latin1');
  const bytes = magic === 'DICM' ? found : (asDicomFile(found) ?? found);
  if (magic !== 'DICM' && bytes === found)
    return refuse('DICM after 128 bytes', bytes.length < PREAMBLE + 4 ? `${bytes.length} bytes` : 'other bytes');
  try {
    const whole = inflated(bytes);
    const { meta, dict } = dicom.DicomMessage.readFile(asBuffer(whole), { ignoreErrors: true, noCopy: false });
    return { meta, dataset: dict };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      return refuse(`at most ${MOST_INFLATED} bytes in a deflated file`, 'more than that');
    }
    return refuse('an intact DICOM file', 'one that cannot be parsed');
  }
}

/** A deflated file as the plain one that it stands for: the library would inflate it without a bound. */
function inflated(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const metaStart = PREAMBLE + 4;
  const start = metaStart + 12 + (bytes.length > metaStart + 12 ? view.getUint32(metaStart + 8, true) : 0);
  const meta = Buffer.from(bytes.subarray(metaStart, start)).toString('latin1');
  if (start >= bytes.length || !meta.includes(DEFLATED)) return bytes;
  const data = inflateRawSync(bytes.subarray(start), { maxOutputLength: MOST_INFLATED });
  // Both identifiers are texts of even length padded with NUL; the shorter one is padded to the longer's length.
  const plain = Buffer.from(meta.replace(DEFLATED, EXPLICIT.padEnd(DEFLATED.length, '\0')), 'latin1');
  return Buffer.concat([bytes.subarray(0, metaStart), plain, data]);
}

function asBuffer(bytes: Uint8Array): ArrayBuffer {
  // Node's small buffers share memory with others, which the library would read.
  const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
  return (whole ? bytes.buffer : new Uint8Array(bytes).buffer) as ArrayBuffer;
}

function headerOf(meta: DicomDataset, dataset: DicomDataset): DicomHeader | Refusal {
  const transferSyntax = textOf(meta, '00020010');
  if (!isReadable(transferSyntax)) return refuse('a transfer syntax known here', transferSyntax || 'none stated');
  if (!dataset[PIXEL_DATA])
    return refuse('an image', `no pixels (modality ${textOf(dataset, '00080060') || 'unknown'})`);
  return readDicomHeader(meta, dataset);
}

async function decodeFrame(header: DicomHeader, dataset: DicomDataset, index: number): Promise<PlaneValues | Refusal> {
  const { pixels, frames } = header;
  const frame = frames[index];
  if (!frame) return refuse(`frame ${index + 1}`, `${frames.length} frames`);
  const order = plainOrder(header.transferSyntax);
  const samples = order
    ? plainSamples(header, dataset, index, order === 'little')
    : await compressedSamples(header, dataset, index);
  if (isRefusal(samples)) return samples;
  const palette = pixels.photometric === 'PALETTE COLOR' ? readPalette(dataset, order !== 'big') : undefined;
  if (isRefusal(palette)) return palette;
  // Single bits were spread over bytes.
  const layout = pixels.bitsAllocated === 1 ? { ...pixels, bitsAllocated: 8 } : pixels;
  return decodeDicomFrame(layout, frame, samples, palette);
}

function plainSamples(
  { pixels }: DicomHeader,
  dataset: DicomDataset,
  index: number,
  littleEndian: boolean,
): DicomSamples | Refusal {
  const [stored] = bytesOf(dataset, PIXEL_DATA)[0] ?? [];
  // Single bytes in words of the other byte order lie exchanged.
  const isExchanged = !littleEndian && pixels.bitsAllocated === 8 && dataset[PIXEL_DATA]?.vr === 'OW';
  const all = stored && isExchanged ? Buffer.from(stored.subarray(0, stored.length & ~1)).swap16() : stored;
  const length = frameBytes(pixels);
  const end = Math.ceil((index + 1) * length);
  if (!all || all.length < end) {
    return refuse(`${end} bytes of pixels for frame ${index + 1}`, `${all?.length ?? 0}: the file is cut short`);
  }
  if (pixels.bitsAllocated === 1) return { bytes: singleBits(pixels, all, index), littleEndian, decoded: false };
  return { bytes: all.subarray(index * length, end), littleEndian, decoded: false };
}

async function compressedSamples(
  { pixels, transferSyntax }: DicomHeader,
  dataset: DicomDataset,
  index: number,
): Promise<DicomSamples | Refusal> {
  const stored = bytesOf(dataset, PIXEL_DATA);
  // Without an offset table the library gives fragments, which are frames unless there is one frame only.
  const fragments = pixels.frames === 1 ? stored.flat() : stored[index];
  if (!fragments || fragments.length === 0) {
    return refuse(`${pixels.frames} compressed frames`, `${stored.length}: the file is cut short`);
  }
  if (pixels.frames > 1 && stored.length !== pixels.frames) {
    return refuse(`${pixels.frames} compressed frames`, `${stored.length} fragments and no offset table`);
  }
  const bytes = fragments.length === 1 ? fragments[0]! : Buffer.concat(fragments);
  return decompress(transferSyntax, bytes, pixels);
}
