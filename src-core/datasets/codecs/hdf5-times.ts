// Object headers of HDF5 (version 2) carry four times and a checksum: "OHDR", version, flags, times, size of the first chunk, its
// messages, checksum. Own code, because no library offers to leave the times out.

const SIGNATURE = [0x4f, 0x48, 0x44, 0x52];
const VERSION = 2;
/** Flags: how many bytes state the chunk's size, whether attribute limits follow, whether times do. */
const SIZE_BITS = 3;
const HAS_LIMITS = 0x10;
const HAS_TIMES = 0x20;
const TIMES_AT = 6;
const TIMES_BYTES = 16;
const LIMITS_BYTES = 4;

/** Sets the times of every object to 0, in place. What only looks like a header fails its checksum and stays. */
export function clearObjectTimes(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + TIMES_AT + TIMES_BYTES <= bytes.length; at++) {
    if (!SIGNATURE.every((byte, i) => bytes[at + i] === byte) || bytes[at + 4] !== VERSION) continue;
    const flags = bytes[at + 5]!;
    if ((flags & HAS_TIMES) === 0) continue;
    const sizeAt = at + TIMES_AT + TIMES_BYTES + ((flags & HAS_LIMITS) === 0 ? 0 : LIMITS_BYTES);
    const sizeBytes = 1 << (flags & SIZE_BITS);
    let size = 0;
    for (let i = sizeBytes - 1; i >= 0; i--) size = size * 256 + (bytes[sizeAt + i] ?? 0);
    const end = sizeAt + sizeBytes + size;
    if (end + 4 > bytes.length || view.getUint32(end, true) !== checksum(bytes.subarray(at, end))) continue;
    bytes.fill(0, at + TIMES_AT, at + TIMES_AT + TIMES_BYTES);
    view.setUint32(end, checksum(bytes.subarray(at, end)), true);
  }
  return bytes;
}

/** Bob Jenkins' lookup3 over bytes, as HDF5 uses it. */
function checksum(bytes: Uint8Array): number {
  let a = (0xdeadbeef + bytes.length) | 0;
  let [b, c] = [a, a];
  const word = (at: number): number => {
    let value = 0;
    for (let i = 0; i < 4; i++) value |= (bytes[at + i] ?? 0) << (8 * i);
    return value;
  };
  let at = 0;
  for (; bytes.length - at > 12; at += 12) {
    a = (a + word(at)) | 0;
    b = (b + word(at + 4)) | 0;
    c = (c + word(at + 8)) | 0;
    a = ((a - c) ^ rotate(c, 4)) | 0;
    c = (c + b) | 0;
    b = ((b - a) ^ rotate(a, 6)) | 0;
    a = (a + c) | 0;
    c = ((c - b) ^ rotate(b, 8)) | 0;
    b = (b + a) | 0;
    a = ((a - c) ^ rotate(c, 16)) | 0;
    c = (c + b) | 0;
    b = ((b - a) ^ rotate(a, 19)) | 0;
    a = (a + c) | 0;
    c = ((c - b) ^ rotate(b, 4)) | 0;
    b = (b + a) | 0;
  }
  if (at === bytes.length) return c >>> 0;
  a = (a + word(at)) | 0;
  b = (b + word(at + 4)) | 0;
  c = (c + word(at + 8)) | 0;
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;
  return c >>> 0;
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
