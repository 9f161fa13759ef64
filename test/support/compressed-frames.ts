// Frames of 16-bit values, compressed as DICOM stores them.
import loadCharls from '@cornerstonejs/codec-charls/wasmjs';
import loadOpenJpeg from '@cornerstonejs/codec-openjpeg/wasmjs';

/** A grey frame. */
export interface GreyFrame {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly values: readonly number[];
}

const quiet = () => ({ print: () => undefined });

function encode(encoder: DicomEncoder, { width, height, bits, values }: GreyFrame): Uint8Array {
  const stored = new Uint8Array(Uint16Array.from(values).buffer);
  encoder.getDecodedBuffer({ width, height, bitsPerSample: bits, componentCount: 1, isSigned: false }).set(stored);
  encoder.encode();
  const bytes = Uint8Array.from(encoder.getEncodedBuffer());
  encoder.delete();
  return bytes;
}

/** A JPEG-LS stream. */
export async function jpegLs(frame: GreyFrame): Promise<Uint8Array> {
  const { JpegLSEncoder } = await loadCharls(quiet());
  return encode(new JpegLSEncoder(), frame);
}

/** A JPEG 2000 stream. */
export async function jpeg2000(frame: GreyFrame): Promise<Uint8Array> {
  const { J2KEncoder } = await loadOpenJpeg(quiet());
  const encoder = new J2KEncoder();
  // Its default of five halvings needs 32 pixels.
  encoder.setDecompositions?.(1);
  return encode(encoder, frame);
}

/** An RLE frame of DICOM: one literal run for each byte plane, the high bytes first; at most 128 values. */
export function dicomRle(values: readonly number[]): Uint8Array {
  const planes = [8, 0].map((shift) =>
    Buffer.from([values.length - 1, ...values.map((value) => (value >> shift) & 255)]),
  );
  const header = Buffer.alloc(64);
  header.writeUInt32LE(2, 0);
  header.writeUInt32LE(64, 4);
  header.writeUInt32LE(64 + planes[0]!.length, 8);
  return Buffer.concat([header, ...planes]);
}

/** Lossless JPEG (process 14, first predictor) with a Huffman code of five bits for each size of difference. */
export function losslessJpeg({ width, height, bits, values }: GreyFrame): Uint8Array {
  const sizes = Array.from({ length: 17 }, (_, size) => size);
  const table = [0, ...Array.from({ length: 16 }, (_, length) => (length === 4 ? sizes.length : 0)), ...sizes];
  const segment = (marker: number, body: readonly number[]): number[] => [
    0xff,
    marker,
    (body.length + 2) >> 8,
    (body.length + 2) & 255,
    ...body,
  ];
  let packed = '';
  for (const [at, value] of values.entries()) {
    const left = at % width > 0 ? values[at - 1]! : at > 0 ? values[at - width]! : 2 ** (bits - 1);
    const difference = value - left;
    const size = difference === 0 ? 0 : Math.abs(difference).toString(2).length;
    packed += size.toString(2).padStart(5, '0');
    if (size > 0 && size < 16)
      packed += (difference > 0 ? difference : difference + 2 ** size - 1).toString(2).padStart(size, '0');
  }
  const padded = packed.padEnd(Math.ceil(packed.length / 8) * 8, '1');
  // A byte of ones is followed by one of zeros, so that it is no marker.
  const data = (padded.match(/.{8}/g) ?? [])
    .map((byte) => parseInt(byte, 2))
    .flatMap((byte) => (byte === 255 ? [255, 0] : [byte]));
  return Uint8Array.from([
    ...[0xff, 0xd8],
    ...segment(0xc3, [bits, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0]),
    ...segment(0xc4, table),
    ...segment(0xda, [1, 1, 0, 1, 0, 0]),
    ...data,
    ...[0xff, 0xd9],
  ]);
}
