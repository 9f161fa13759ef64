// Colours of DICOM as red, green and blue: palettes and the two luminance-chrominance forms that are stored uncompressed.
import { bytesOf, numbersOf, type DicomDataset } from './dicom-elements.ts';
import { refuse, type Refusal } from './refusal.ts';

/** Colours by stored value; values below the first take its colour, values above the last that one's. */
export interface Palette {
  readonly first: number;
  /** Red, green and blue, 8 bits each. */
  readonly channels: readonly [Uint8Array, Uint8Array, Uint8Array];
}

const DESCRIPTORS = ['00281101', '00281102', '00281103'];
const TABLES = ['00281201', '00281202', '00281203'];

/** Reads the palette of an image. */
export function readPalette(dataset: DicomDataset, littleEndian: boolean): Palette | Refusal {
  const channels: Uint8Array[] = [];
  let first = 0;
  for (const [index, tag] of DESCRIPTORS.entries()) {
    const [stated = NaN, start = NaN, bits = NaN] = numbersOf(dataset, tag);
    // 0 stands for 65536, which 16 bits cannot hold.
    const entries = stated === 0 ? 2 ** 16 : stated;
    const bytes = bytesOf(dataset, TABLES[index]!)[0]?.[0];
    const words = bytes && tableEntries(bytes, entries, bits, littleEndian);
    if (!words) {
      const found = bytes ? `${bytes.length} bytes for ${entries} of ${bits} bits` : 'none';
      return refuse('a palette of red, green and blue', found);
    }
    channels.push(words);
    first = start;
  }
  return { first, channels: [channels[0]!, channels[1]!, channels[2]!] };
}

/** Red, green and blue of stored values. */
export function applyPalette(values: ArrayLike<number>, { first, channels }: Palette): Uint8Array {
  const last = channels[0].length - 1;
  const colours = new Uint8Array(values.length * 3);
  for (let pixel = 0; pixel < values.length; pixel += 1) {
    const entry = Math.min(last, Math.max(0, values[pixel]! - first));
    for (let channel = 0; channel < 3; channel += 1) colours[pixel * 3 + channel] = channels[channel]![entry]!;
  }
  return colours;
}

/** Y, Cb and Cr of each pixel as red, green and blue (PS3.3 C.7.6.3.1.2, all of 0..255). */
export function fromLuminance(samples: Uint8Array): Uint8Array {
  const colours = new Uint8ClampedArray(samples.length);
  for (let at = 0; at + 2 < samples.length; at += 3) {
    const [y, blue, red] = [samples[at]!, samples[at + 1]! - 128, samples[at + 2]! - 128];
    colours[at] = y + 1.402 * red;
    colours[at + 1] = y - 0.344136 * blue - 0.714136 * red;
    colours[at + 2] = y + 1.772 * blue;
  }
  return new Uint8Array(colours.buffer);
}

/** Y Y Cb Cr for every two pixels, as Y Cb Cr for each. */
export function spreadChrominance(samples: Uint8Array, pixels: number): Uint8Array {
  const spread = new Uint8Array(pixels * 3);
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    const pair = Math.floor(pixel / 2) * 4;
    spread[pixel * 3] = samples[pair + (pixel % 2)]!;
    spread[pixel * 3 + 1] = samples[pair + 2]!;
    spread[pixel * 3 + 2] = samples[pair + 3]!;
  }
  return spread;
}

function tableEntries(bytes: Uint8Array, entries: number, bits: number, littleEndian: boolean): Uint8Array | undefined {
  if (!Number.isSafeInteger(entries) || entries < 1 || (bits !== 8 && bits !== 16)) return undefined;
  if (bytes.length >= entries * 2) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Uint8Array.from({ length: entries }, (_, at) => view.getUint16(at * 2, littleEndian) >> (bits - 8));
  }
  return bits === 8 && bytes.length >= entries ? bytes.subarray(0, entries) : undefined;
}
