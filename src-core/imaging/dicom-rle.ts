// RLE Lossless of DICOM (PS3.5 annex G): a header of segment offsets, then PackBits, one segment for each byte of a sample.
import { refuse, type Refusal } from './refusal.ts';

const HEADER_BYTES = 64;
const MOST_SEGMENTS = 15;
/** Two bytes stand for at most 128. */
const GREATEST_COMPRESSION = 64;

/**
 * Uncompressed bytes of one frame: samples interleaved, the low byte of a sample first.
 *
 * @param samples - samples a pixel
 * @param sampleBytes - bytes a sample
 */
export function decodeRle(
  bytes: Uint8Array,
  pixels: number,
  samples: number,
  sampleBytes: number,
): Uint8Array | Refusal {
  const wanted = samples * sampleBytes;
  if (bytes.length < HEADER_BYTES) return refuse('an RLE header of 64 bytes', `${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const segments = view.getUint32(0, true);
  if (segments !== wanted || segments > MOST_SEGMENTS) return refuse(`${wanted} RLE segments`, `${segments}`);
  if (pixels * wanted > bytes.length * GREATEST_COMPRESSION) {
    return refuse(`RLE data for ${pixels} pixels`, `${bytes.length} bytes`);
  }
  const result = new Uint8Array(pixels * wanted);
  for (let segment = 0; segment < segments; segment += 1) {
    const start = view.getUint32(4 + segment * 4, true);
    const end = segment + 1 < segments ? view.getUint32(8 + segment * 4, true) : bytes.length;
    if (start < HEADER_BYTES || end < start || end > bytes.length) {
      return refuse(`RLE segment ${segment + 1} within ${bytes.length} bytes`, `bytes ${start} to ${end}`);
    }
    // Segments go sample by sample, the high byte of each first.
    const sample = Math.floor(segment / sampleBytes);
    const place = sample * sampleBytes + (sampleBytes - 1 - (segment % sampleBytes));
    const filled = unpack(bytes.subarray(start, end), result, place, wanted);
    if (filled < pixels) return refuse(`${pixels} bytes in RLE segment ${segment + 1}`, `${filled}`);
  }
  return result;
}

/** PackBits into every `stride`-th byte of the result; gives how many were filled. */
function unpack(packed: Uint8Array, result: Uint8Array, offset: number, stride: number): number {
  const pixels = result.length / stride;
  let filled = 0;
  for (let at = 0; at < packed.length && filled < pixels;) {
    const control = packed[at++]!;
    if (control === 128) continue;
    const isRun = control > 128;
    const length = Math.min(isRun ? 257 - control : control + 1, pixels - filled);
    const literal = isRun ? 1 : control + 1;
    if (at + (isRun ? 1 : length) > packed.length) break;
    for (let index = 0; index < length; index += 1) {
      result[(filled + index) * stride + offset] = packed[isRun ? at : at + index]!;
    }
    at += literal;
    filled += length;
  }
  return filled;
}
