// Stored samples of one DICOM frame to the values that they mean: bits picked out, sign, inversion, colour, rescaling.
import { applyPalette, fromLuminance, spreadChrominance, type Palette } from './dicom-colour.ts';
import type { DicomFrame, DicomPixels } from './dicom-header.ts';
import { refuse, type Refusal } from './refusal.ts';
import type { PlaneValues, VoxelValues } from './voxels.ts';

/** Samples of one frame as stored, or as a codec gave them. */
export interface DicomSamples {
  readonly bytes: Uint8Array;
  readonly littleEndian: boolean;
  /** Whether a codec decoded them: the low bits then hold the value, and colours are red, green and blue. */
  readonly decoded: boolean;
}

/** Bytes that one uncompressed frame takes; a frame of single bits need not begin on a whole byte. */
export function frameBytes({ width, height, samples, bitsAllocated, photometric }: DicomPixels): number {
  const halved = photometric === 'YBR_FULL_422';
  return halved ? Math.ceil((width * height) / 2) * 4 : (width * height * samples * bitsAllocated) / 8;
}

/** Values of a frame, ready to be shown or trained on; colours interleaved. */
export function decodeDicomFrame(
  pixels: DicomPixels,
  frame: DicomFrame,
  samples: DicomSamples,
  palette: Palette | undefined,
): PlaneValues | Refusal {
  const { width, height, photometric } = pixels;
  if (pixels.samples === 3) return colourPlane(pixels, samples);
  const stored = storedValues(pixels, samples);
  if ('kind' in stored) return stored;
  if (photometric === 'PALETTE COLOR') {
    if (!palette) return refuse('a palette', 'none');
    return { width, height, channels: 3, values: applyPalette(stored, palette) };
  }
  if (!photometric.startsWith('MONOCHROME')) return refuse('one sample a pixel in grey or a palette', photometric);
  const values = photometric === 'MONOCHROME1' ? inverted(stored, pixels) : stored;
  return { width, height, channels: 1, values: rescaled(values, frame) };
}

/** Single bits of a frame: 0 or 1 for each pixel, the lowest bit of a byte first. */
export function singleBits({ width, height }: DicomPixels, all: Uint8Array, frame: number): Uint8Array {
  const pixels = width * height;
  const start = frame * pixels;
  return Uint8Array.from({ length: pixels }, (_, at) => ((all[(start + at) >> 3] ?? 0) >> ((start + at) & 7)) & 1);
}

function colourPlane(pixels: DicomPixels, { bytes, decoded }: DicomSamples): PlaneValues | Refusal {
  const { width, height, photometric } = pixels;
  const count = width * height;
  const whole = count * 3;
  const interleaved = pixels.planar && !decoded ? interleave(bytes, count) : bytes.subarray(0, whole);
  const plane = (values: Uint8Array): PlaneValues | Refusal =>
    values.length === whole
      ? { width, height, channels: 3, values }
      : refuse(`${whole} samples of colour`, `${values.length}`);
  if (decoded || photometric === 'RGB') return plane(interleaved);
  if (photometric === 'YBR_FULL') return plane(fromLuminance(interleaved));
  if (photometric === 'YBR_FULL_422') return plane(fromLuminance(spreadChrominance(bytes, count)));
  return refuse('colours as RGB, YBR_FULL, YBR_FULL_422 or PALETTE COLOR', photometric);
}

function interleave(planes: Uint8Array, count: number): Uint8Array {
  const result = new Uint8Array(count * 3);
  for (let pixel = 0; pixel < count; pixel += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      result[pixel * 3 + channel] = planes[channel * count + pixel]!;
    }
  }
  return result;
}

function storedValues(pixels: DicomPixels, samples: DicomSamples): VoxelValues | Refusal {
  const { width, height, bitsAllocated } = pixels;
  const count = width * height;
  if (samples.bytes.length * 8 < count * bitsAllocated) {
    return refuse(`${count} samples of ${bitsAllocated} bits`, `${samples.bytes.length} bytes`);
  }
  if (bitsAllocated === 64) return refuse('at most 32 bits a sample', '64');
  const result = emptyValues(pixels, count);
  const { bytes, littleEndian } = samples;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const up = samples.decoded ? 32 - pixels.bitsStored : 31 - pixels.highBit;
  const down = 32 - pixels.bitsStored;
  const sampleBytes = bitsAllocated / 8;
  for (let index = 0; index < count; index += 1) {
    const at = index * sampleBytes;
    const raw =
      sampleBytes === 1
        ? bytes[at]!
        : sampleBytes === 2
          ? view.getUint16(at, littleEndian)
          : view.getUint32(at, littleEndian);
    // To the top of 32 bits and back: bits beyond those stored fall away, and the sign spreads.
    result[index] = pixels.signed ? (raw << up) >> down : (raw << up) >>> down;
  }
  return result;
}

function emptyValues({ bitsAllocated, signed }: DicomPixels, count: number): VoxelValues {
  if (bitsAllocated === 8) return signed ? new Int8Array(count) : new Uint8Array(count);
  if (bitsAllocated === 16) return signed ? new Int16Array(count) : new Uint16Array(count);
  return signed ? new Int32Array(count) : new Uint32Array(count);
}

/** The lowest value is white: the range of the stored bits turned round. */
function inverted(values: VoxelValues, { bitsStored, signed }: DicomPixels): VoxelValues {
  const sum = signed ? -1 : 2 ** bitsStored - 1;
  for (let index = 0; index < values.length; index += 1) values[index] = sum - values[index]!;
  return values;
}

/** The narrowest array that holds whole values shifted by the intercept; fractions as float32. */
function rescaled(values: VoxelValues, { slope, intercept }: DicomFrame): VoxelValues {
  if (slope === 1 && intercept === 0) return values;
  const whole = Number.isInteger(slope) && Number.isInteger(intercept);
  const result = whole && fitsInShort(values, slope, intercept) ? new Int16Array(values.length) : undefined;
  const scaled = result ?? new Float32Array(values.length);
  for (let index = 0; index < values.length; index += 1) scaled[index] = values[index]! * slope + intercept;
  return scaled;
}

function fitsInShort(values: VoxelValues, slope: number, intercept: number): boolean {
  return values.every((value: number) => {
    const meant = value * slope + intercept;
    return meant >= -32768 && meant <= 32767;
  });
}
