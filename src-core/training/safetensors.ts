// The safetensors container: 8-byte header length, JSON header, raw little-endian values. No npm package reads and
// writes it (the one of that name is a placeholder), and the format is a page.

export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface SafetensorsFile {
  readonly tensors: Readonly<Record<string, StoredTensor>>;
  /** Plain bytes by name: one-dimensional tensors of type U8. */
  readonly bytes?: Readonly<Record<string, Uint8Array>>;
  /** Free text by name, as the format's `__metadata__`. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Larger headers than this are refused before they are parsed; the reference implementation has the same limit. */
const MAX_HEADER_BYTES = 100_000_000;
const METADATA = '__metadata__';

/** The file's bytes: tensors as F32, then plain bytes as U8, in the order given. */
export function encodeSafetensors({ tensors, bytes = {}, metadata }: SafetensorsFile): Uint8Array {
  const parts = [
    ...Object.entries(tensors).map(([name, { shape, data }]) => ({ name, dtype: 'F32', shape, raw: bytesOf(data) })),
    ...Object.entries(bytes).map(([name, raw]) => ({ name, dtype: 'U8', shape: [raw.length], raw })),
  ];
  let offset = 0;
  const entries = parts.map(({ name, dtype, shape, raw }) => {
    const begin = offset;
    offset += raw.length;
    return [name, { dtype, shape, data_offsets: [begin, offset] }] as const;
  });
  const json = asciiJson(Object.fromEntries<unknown>([[METADATA, metadata], ...entries]));
  const padded = json + ' '.repeat((8 - (json.length % 8)) % 8);
  const file = new Uint8Array(8 + padded.length + offset);
  new DataView(file.buffer).setBigUint64(0, BigInt(padded.length), true);
  for (let i = 0; i < padded.length; i++) file[8 + i] = padded.charCodeAt(i);
  let at = 8 + padded.length;
  for (const { raw } of parts) {
    file.set(raw, at);
    at += raw.length;
  }
  return file;
}

function bytesOf(data: Float32Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * Reads F32, F16, BF16 and F64 tensors as float32, U8 as bytes. Errors name `file`, the tensor, what was expected and
 * found.
 */
export function decodeSafetensors(file: Uint8Array, path: string): Required<SafetensorsFile> {
  if (file.length < 8) throw new Error(`${path}: expected a safetensors file, found only ${file.length} bytes`);
  const headerLength = Number(new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true));
  if (headerLength > MAX_HEADER_BYTES || 8 + headerLength > file.length) {
    throw new Error(
      `${path}: expected a safetensors header within ${file.length} bytes, found a length of ${headerLength}`,
    );
  }
  const { [METADATA]: metadata = {}, ...entries } = parseHeader(file.subarray(8, 8 + headerLength), path);
  const body = file.subarray(8 + headerLength);
  const placed = Object.entries(entries).map(([name, entry]) => placedTensor(name, entry, body.length, path));
  const end = placed.reduce((last, tensor) => Math.max(last, tensor.end), 0);
  if (end !== body.length) throw new Error(`${path}: expected ${end} bytes of tensors, found ${body.length}`);
  const plain = placed.filter(({ dtype }) => dtype === 'U8');
  const numbers = placed.filter(({ dtype }) => dtype !== 'U8');
  return {
    tensors: Object.fromEntries(
      numbers.map((tensor) => [tensor.name, { shape: tensor.shape, data: readNumbers(tensor, body) }]),
    ),
    bytes: Object.fromEntries(plain.map(({ name, begin, end }) => [name, body.slice(begin, end)])),
    metadata: textEntries(metadata, path),
  };
}

function textEntries(metadata: unknown, path: string): Record<string, string> {
  const isText = typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata);
  if (!isText || !Object.values(metadata).every((value) => typeof value === 'string')) {
    throw new Error(`${path}: expected the metadata to be texts by name`);
  }
  return metadata as Record<string, string>; // just checked
}

function parseHeader(bytes: Uint8Array, path: string): Record<string, unknown> {
  let escaped = '';
  for (const byte of bytes) escaped += byte < 0x80 && byte !== 0x25 ? String.fromCharCode(byte) : percent(byte);
  let header: unknown;
  try {
    header = JSON.parse(decodeURIComponent(escaped));
  } catch (cause) {
    throw new Error(`${path}: expected a safetensors header in JSON`, { cause });
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new Error(`${path}: expected the safetensors header to be an object`);
  }
  return header as Record<string, unknown>;
}

function percent(byte: number): string {
  return `%${byte.toString(16).padStart(2, '0')}`;
}

const BYTES_PER_VALUE: ReadonlyMap<unknown, number> = new Map([
  ['F64', 8],
  ['F32', 4],
  ['F16', 2],
  ['BF16', 2],
  ['U8', 1],
]);

/** A tensor as the header describes it, checked against the bytes there are. */
interface PlacedTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function placedTensor(name: string, entry: unknown, available: number, path: string): PlacedTensor {
  // Of unknown content until the checks below have passed.
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const width = BYTES_PER_VALUE.get(dtype);
  if (width === undefined) {
    throw new Error(`${path}: "${name}" has type ${String(dtype)}, expected F32, F16, BF16, F64 or U8`);
  }
  if (!isCounts(shape) || !isCounts(offsets)) throw new Error(`${path}: "${name}" has no valid shape and offsets`);
  const size = shape.reduce((product, n) => product * n, 1);
  const [begin = NaN, end = NaN] = offsets;
  if (end - begin !== size * width || end > available) {
    throw new Error(
      `${path}: "${name}" of shape (${shape.join(', ')}) needs ${size * width} bytes, found ${begin} to ${end} of ${available}`,
    );
  }
  return { name, dtype: String(dtype), shape, begin, end };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && (n as number) >= 0);
}

function readNumbers({ dtype, shape, begin, end }: PlacedTensor, body: Uint8Array): Float32Array {
  const data = new Float32Array(shape.reduce((product, n) => product * n, 1));
  if (dtype === 'F32') {
    bytesOf(data).set(body.subarray(begin, end));
    return data;
  }
  const width = BYTES_PER_VALUE.get(dtype)!;
  const read = reader(new DataView(body.buffer, body.byteOffset, body.byteLength), dtype);
  for (let i = 0; i < data.length; i++) data[i] = read(begin + i * width);
  return data;
}

function reader(view: DataView, dtype: string): (at: number) => number {
  switch (dtype) {
    case 'F64':
      return (at) => view.getFloat64(at, true);
    case 'F16':
      return (at) => halfToNumber(view.getUint16(at, true));
    default: {
      // BF16: the upper half of a float32.
      const scratch = new DataView(new ArrayBuffer(4));
      return (at) => {
        scratch.setUint16(2, view.getUint16(at, true), true);
        return scratch.getFloat32(0, true);
      };
    }
  }
}

/** IEEE 754 binary16. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** JSON with everything beyond ASCII escaped, so that a character is a byte. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
