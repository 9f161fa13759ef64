// Frames between `unia serve` and its page: MessagePack, with typed arrays kept as such.
import { decode, encode, ExtensionCodec } from '@msgpack/msgpack';
import { z } from 'zod';

/** Extension numbers are part of the protocol of one version; both ends are always the same build. */
const ARRAYS = [Uint16Array, Int16Array, Uint32Array, Int32Array, Float32Array, Float64Array] as const;

const codec = new ExtensionCodec();
ARRAYS.forEach((Type, type) => {
  codec.register({
    type,
    encode: (value) =>
      value instanceof Type ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : null,
    // Copied, since a typed array has to begin at a multiple of its element size.
    decode: (bytes) => new Type(bytes.slice().buffer),
  });
});

/** A question of the page. */
export const QUESTION = z.object({ id: z.number().int(), call: z.string(), params: z.unknown() });
export type Question = z.output<typeof QUESTION>;

/** What the services send: the answer to a question, or an event. */
export type Message =
  { readonly id: number; readonly answer: unknown } | { readonly event: string; readonly data: unknown };

export function encodeFrame(value: Question | Message): Uint8Array<ArrayBuffer> {
  return encode(value, { extensionCodec: codec, ignoreUndefined: true });
}

/** Throws on bytes that are no frame. */
export function decodeFrame(bytes: Uint8Array): unknown {
  return decode(bytes, { extensionCodec: codec });
}
