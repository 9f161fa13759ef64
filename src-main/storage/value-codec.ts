// Maps of values as database blobs: 8 or 16 bit steps between their extremes, deflated.
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { ProjectError } from './project-error.ts';

const LEVEL = 3;

/** Values of a map in steps. */
export interface QuantisedMap {
  readonly bits: 8 | 16;
  readonly low: number;
  readonly high: number;
  readonly data: Uint8Array;
}

/** Compresses values; the error is at most half of (high - low) / (2^bits - 1). */
export function packValues(values: Float32Array, bits: 8 | 16): QuantisedMap {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) throw new Error(`map values: expected finite numbers, got ${value}`);
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (values.length === 0) [low, high] = [0, 0];
  const greatest = 2 ** bits - 1;
  const scale = high > low ? greatest / (high - low) : 0;
  const steps = bits === 8 ? new Uint8Array(values.length) : new Uint16Array(values.length);
  for (let index = 0; index < values.length; index += 1)
    steps[index] = Math.round(((values[index] ?? 0) - low) * scale);
  const bytes = new Uint8Array(steps.buffer, steps.byteOffset, steps.byteLength);
  return { bits, low, high, data: deflateRawSync(bytes, { level: LEVEL }) };
}

/** Values of a packed map, `count` of them. */
export function unpackValues(map: QuantisedMap, count: number): Float32Array {
  const bytes = unpackBytes(map.data, (count * map.bits) / 8);
  // Blobs are inflated into memory of their own, aligned; both ends of a project are little-endian machines.
  const steps = map.bits === 8 ? bytes : new Uint16Array(bytes.buffer, bytes.byteOffset, count);
  const scale = (map.high - map.low) / (2 ** map.bits - 1);
  const values = new Float32Array(count);
  for (let index = 0; index < count; index += 1) values[index] = map.low + (steps[index] ?? 0) * scale;
  return values;
}

function unpackBytes(blob: Uint8Array, count: number): Uint8Array {
  const bytes = inflated(blob, Math.max(1, count));
  if (bytes.length !== count) throw new Error(`map: expected ${count} bytes, got ${bytes.length}`);
  // Small results may share Node's buffer pool at an odd offset.
  return new Uint8Array(bytes);
}

function inflated(blob: Uint8Array, most: number): Uint8Array {
  try {
    return inflateRawSync(blob, { maxOutputLength: most });
  } catch (cause) {
    throw new ProjectError('damaged', `project.db is damaged: a map is no ${most} packed bytes.`, { cause });
  }
}
