// PNG files chunk by chunk, for tests of what decoders make of them.
import { crc32 } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** A PNG of 8 bits with this header and these chunks. */
export function pngOf(
  { width, height, colourType }: { readonly width: number; readonly height: number; readonly colourType: number },
  chunks: readonly (readonly [type: string, body: Uint8Array])[],
): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = colourType;
  const all = [['IHDR', header] as const, ...chunks, ['IEND', Buffer.alloc(0)] as const];
  return repairPng(
    Buffer.concat([
      SIGNATURE,
      ...all.flatMap(([type, body]) => {
        const length = Buffer.alloc(4);
        length.writeUInt32BE(body.length);
        return [length, Buffer.from(type, 'latin1'), body, Buffer.alloc(4)];
      }),
    ]),
  );
}

/** The sums that a PNG has for each of its chunks, as they should be. */
export function repairPng(bytes: Uint8Array): Uint8Array {
  const repaired = Buffer.from(bytes);
  for (let at = SIGNATURE.length; at + 12 <= repaired.length;) {
    const end = at + 8 + repaired.readUInt32BE(at);
    if (end + 4 > repaired.length) break;
    repaired.writeUInt32BE(crc32(repaired.subarray(at + 4, end)), end);
    at = end + 4;
  }
  return repaired;
}
