// Label Studio's brush: the mask as RGBA picture whose four channels are 0 or 255, packed bit by bit by thi.ng's rle-pack. It is
// not COCO's run lengths. Only the fourth channel is read back, as Label Studio does.
import { decode, encode } from '@thi.ng/rle-pack';
import { refuse, type Refusal } from '../../imaging/refusal.ts';
import { refuseSize, type BinaryMask } from './binary-mask.ts';

const CHANNELS = 4;
/** Values above this are painted. */
const HALF = 127;
/** Bits that every packing begins with: number of values, bits of one, bits of four kinds of run length. */
const HEADER_BYTES = 8;

/** Bytes of a mask, as the numbers of `value.rle`. */
export function encodeBrush({ data }: BinaryMask): number[] {
  const values = new Uint8Array(data.length * CHANNELS);
  data.forEach((inside, i) => inside === 1 && values.fill(255, i * CHANNELS, (i + 1) * CHANNELS));
  return [...encode(values, values.length)];
}

/** The mask of `value.rle`, for an image of the stated size. */
export function decodeBrush(rle: readonly number[], width: number, height: number): BinaryMask | Refusal {
  const wrongSize = refuseSize(width, height);
  if (wrongSize) return wrongSize;
  const wrong = rle.find((byte) => !Number.isInteger(byte) || byte < 0 || byte > 255);
  if (wrong !== undefined) return refuse('bytes of 0 to 255', String(wrong));
  const bytes = Uint8Array.from(rle);
  if (bytes.length < HEADER_BYTES) return refuse(`${HEADER_BYTES} bytes or more`, `${bytes.length}`);
  const stated = new DataView(bytes.buffer).getUint32(0);
  const expected = width * height * CHANNELS;
  if (stated !== expected) return refuse(`${expected} values for ${width} x ${height} pixels`, `${stated}`);
  let values: ArrayLike<number>;
  try {
    values = decode(bytes);
  } catch (error) {
    return refuse('an intact packing', error instanceof Error ? error.message : String(error));
  }
  const data = new Uint8Array(width * height);
  for (let i = 0; i < data.length; i++) data[i] = values[i * CHANNELS + CHANNELS - 1]! > HALF ? 1 : 0;
  return { width, height, data };
}
