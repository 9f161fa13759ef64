// Frames of grey values in two bytes, compressed without loss as other devices write them: by the codecs' own encoders, RLE and the JPEG of
// 1992 by hand.

/** Grey values, rows first. */
export interface GreyFrame {
  readonly width: number;
  readonly height: number;
  /** Of a value that are used. */
  readonly bits: number;
  readonly values: readonly number[];
}

/** A codec makes the object that it is given its own: each gets a new one. */
const quiet = () => ({ print: () => undefined });

export async function jpegLs(frame: GreyFrame): Promise<Uint8Array> {
  const { JpegLSEncoder } = await (await import('@cornerstonejs/codec-charls/wasmjs')).default(quiet());
  return encoded(new JpegLSEncoder(), frame);
}

export async function jpeg2000(frame: GreyFrame): Promise<Uint8Array> {
  const { J2KEncoder } = await (await import('@cornerstonejs/codec-openjpeg/wasmjs')).default(quiet());
  return encoded(new J2KEncoder(), frame);
}

function encoded(encoder: DicomEncoder, { width, height, bits, values }: GreyFrame): Uint8Array {
  const info = { width, height, bitsPerSample: bits, componentCount: 1, isSigned: false };
  encoder.getDecodedBuffer(info).set(new Uint8Array(Uint16Array.from(values).buffer));
  encoder.setNearLossless?.(0);
  encoder.setQuality?.(true, 0);
  // The usual five need larger pictures.
  encoder.setDecompositions?.(1);
  encoder.encode();
  const bytes = Uint8Array.from(encoder.getEncodedBuffer());
  encoder.delete();
  return bytes;
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

/** Bits of every code below; none of them is all ones. */
const CODE_BITS = 5;
const CATEGORIES = 17;

/** JPEG process 14, predictor 1 (ITU-T T.81 annex H): the difference to the left neighbour, above at the start of a row. */
export function losslessJpeg({ width, height, bits, values }: GreyFrame): Uint8Array {
  const stream: number[] = [];
  const push = (value: number, count: number): void => {
    for (let at = count - 1; at >= 0; at -= 1) stream.push((value >> at) & 1);
  };
  for (const [at, value] of values.entries()) {
    const predicted = at === 0 ? 2 ** (bits - 1) : at % width === 0 ? values[at - width]! : values[at - 1]!;
    const difference = ((value - predicted + 3 * 2 ** 15) % 2 ** 16) - 2 ** 15;
    const category =
      difference === -(2 ** 15) ? 16 : Math.abs(difference).toString(2).length * Number(difference !== 0);
    push(category, CODE_BITS);
    if (category < 16) push(difference < 0 ? difference - 1 : difference, category);
  }
  while (stream.length % 8 !== 0) stream.push(1);
  const data: number[] = [];
  for (let at = 0; at < stream.length; at += 8) {
    const byte = parseInt(stream.slice(at, at + 8).join(''), 2);
    data.push(byte, ...(byte === 0xff ? [0] : []));
  }
  const counts = Array.from({ length: 16 }, (_, index) => (index === CODE_BITS - 1 ? CATEGORIES : 0));
  const categories = Array.from({ length: CATEGORIES }, (_, category) => category);
  const word = (value: number): number[] => [value >> 8, value & 255];
  return Uint8Array.from([
    ...[0xff, 0xd8],
    ...[0xff, 0xc4, ...word(3 + 16 + CATEGORIES), 0, ...counts, ...categories],
    ...[0xff, 0xc3, ...word(11), bits, ...word(height), ...word(width), 1, 1, 0x11, 0],
    ...[0xff, 0xda, ...word(8), 1, 1, 0, 1, 0, 0],
    ...data,
    ...[0xff, 0xd9],
  ]);
}
