// How the pixels of a DICOM file are stored, by its transfer syntax, and one frame of them as samples.
import { Decoder as LosslessJpeg } from 'jpeg-lossless-decoder-js';
import { decodeRle } from '../../../src-core/imaging/dicom-rle.ts';
import type { DicomPixels } from '../../../src-core/imaging/dicom-header.ts';
import type { DicomSamples } from '../../../src-core/imaging/dicom-pixels.ts';
import { isRefusal, refuse, type Refusal } from '../../../src-core/imaging/refusal.ts';
import { markAsRgb, statedSize } from '../../../src-core/imaging/codestream-size.ts';
import { Codec, type CodecOptions, type DecodedFrame } from './codec.ts';

/** Pixels stored as they are; the byte order is the file's. */
const PLAIN: Readonly<Record<string, 'little' | 'big'>> = {
  '1.2.840.10008.1.2': 'little',
  '1.2.840.10008.1.2.1': 'little',
  '1.2.840.10008.1.2.1.99': 'little',
  '1.2.840.10008.1.2.2': 'big',
};
const RLE = '1.2.840.10008.1.2.5';
/**
 * What the codecs may print says nothing that their failing does not. Each loading makes the object that it is given its own module,
 * so one cannot serve twice.
 */
const quiet = (): CodecOptions => ({ print: () => undefined, printErr: () => undefined });

const jpeg = new Codec(
  async () =>
    (await (await import('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs')).default(quiet())).JPEGDecoder,
);
const jpegLs = new Codec(
  async () => (await (await import('@cornerstonejs/codec-charls/decodewasmjs')).default(quiet())).JpegLSDecoder,
);
const jpeg2000 = new Codec(
  async () => (await (await import('@cornerstonejs/codec-openjpeg/decodewasmjs')).default(quiet())).J2KDecoder,
);

type Decode = (bytes: Uint8Array) => Promise<DecodedFrame | Refusal>;
const COMPRESSED: Readonly<Record<string, Decode>> = {
  '1.2.840.10008.1.2.4.50': (bytes) => jpeg.decode(bytes),
  // The same with up to 12 bits, of which this codec reads 8.
  '1.2.840.10008.1.2.4.51': (bytes) => jpeg.decode(bytes),
  '1.2.840.10008.1.2.4.57': decodeLosslessJpeg,
  '1.2.840.10008.1.2.4.70': decodeLosslessJpeg,
  '1.2.840.10008.1.2.4.80': (bytes) => jpegLs.decode(withEnd(bytes)),
  '1.2.840.10008.1.2.4.81': (bytes) => jpegLs.decode(withEnd(bytes)),
  '1.2.840.10008.1.2.4.90': (bytes) => jpeg2000.decode(bytes),
  '1.2.840.10008.1.2.4.91': (bytes) => jpeg2000.decode(bytes),
};

/** A JPEG-LS stream that ends with the marker of its end. Where that is cut off, the codec would look for it for a minute. */
function withEnd(bytes: Uint8Array): Uint8Array {
  const padding = bytes.at(-1) === 0 ? 1 : 0;
  const isEnded = bytes.at(-1 - padding) === 0xd9 && bytes.at(-2 - padding) === 0xff;
  return isEnded ? bytes : Buffer.concat([bytes, Uint8Array.of(0xff, 0xd9)]);
}

/** Byte order of pixels that are stored uncompressed; undefined for compressed ones. */
export function plainOrder(transferSyntax: string): 'little' | 'big' | undefined {
  return PLAIN[transferSyntax];
}

/** Whether the pixels of a transfer syntax can be read here. */
export function isReadable(transferSyntax: string): boolean {
  return transferSyntax in PLAIN || transferSyntax === RLE || transferSyntax in COMPRESSED;
}

/** Samples of one compressed frame. The size it states is checked before memory is taken for it. */
export async function decompress(
  transferSyntax: string,
  bytes: Uint8Array,
  pixels: DicomPixels,
): Promise<DicomSamples | Refusal> {
  const { width, height, samples, bitsAllocated } = pixels;
  const sampleBytes = bitsAllocated / 8;
  if (transferSyntax === RLE) {
    const unpacked = decodeRle(bytes, width * height, samples, sampleBytes);
    return isRefusal(unpacked) ? unpacked : { bytes: unpacked, littleEndian: true, decoded: false };
  }
  const decode = COMPRESSED[transferSyntax];
  if (!decode) return refuse('a transfer syntax known here', transferSyntax || 'none');
  const expected = `a frame of ${width} x ${height} and ${samples} samples`;
  const stated = statedSize(bytes);
  if (!stated) return refuse('a JPEG, JPEG-LS or JPEG 2000 stream that states its size', 'none');
  if (stated.width !== width || stated.height !== height || stated.components !== samples) {
    return refuse(expected, `${stated.width} x ${stated.height} and ${stated.components} samples`);
  }
  const isLossyJpeg =
    decode === COMPRESSED['1.2.840.10008.1.2.4.50'] || decode === COMPRESSED['1.2.840.10008.1.2.4.51'];
  if (isLossyJpeg && stated.bits !== 8) return refuse('8 bits a sample in a lossy JPEG', `${stated.bits}`);
  const frame = await decode(isLossyJpeg && pixels.photometric === 'RGB' ? markAsRgb(bytes) : bytes);
  if (isRefusal(frame)) return frame;
  if (frame.width !== width || frame.height !== height || frame.components !== samples) {
    return refuse(expected, `${frame.width} x ${frame.height} and ${frame.components} samples`);
  }
  if (frame.sampleBytes > sampleBytes) return refuse(`samples of ${bitsAllocated} bits`, '16 bits');
  return { bytes: widened(frame, sampleBytes), littleEndian: true, decoded: true };
}

function widened({ bytes, sampleBytes }: DecodedFrame, wanted: number): Uint8Array {
  if (sampleBytes === wanted) return bytes;
  const wide = new Uint8Array((bytes.length / sampleBytes) * wanted);
  for (let at = 0; at < bytes.length; at += sampleBytes)
    wide.set(bytes.subarray(at, at + sampleBytes), (at / sampleBytes) * wanted);
  return wide;
}

function decodeLosslessJpeg(bytes: Uint8Array): Promise<DecodedFrame | Refusal> {
  const stated = statedSize(bytes)!; // checked by the caller
  try {
    // The library reads from the start of a buffer.
    const decoder = new LosslessJpeg();
    const samples = decoder.decompress(new Uint8Array(bytes).buffer);
    const { width, height, components } = stated;
    const sampleBytes = samples.byteLength > width * height * components ? 2 : 1;
    if (samples.byteLength !== width * height * components * sampleBytes) {
      return Promise.resolve(refuse(`${width * height * components} samples`, `${samples.byteLength} bytes`));
    }
    return Promise.resolve({ width, height, components, sampleBytes, bytes: new Uint8Array(samples) });
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return Promise.resolve(refuse('an intact lossless JPEG', `one that cannot be decoded (${found.slice(0, 80)})`));
  }
}
