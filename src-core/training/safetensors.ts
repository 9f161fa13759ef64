// The safetensors container: 8-byte header length, JSON header, raw little-endian values. No npm package reads and
// writes it (the one of that name is a placeholder), and the format is a page.

export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface SafetensorsFile {
  readonly tensors: Readonly<Record<string, StoredTensor>>;
  /** Free text by name, as the format's `__metadata__`. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Larger headers than this are refused before they are parsed; the reference implementation has the same limit. */
const MAX_HEADER_BYTES = 100_000_000;
const METADATA = '__metadata__';

/** The file's bytes; tensors are written as F32 in the order given. */
export function encodeSafetensors({ tensors, metadata }: SafetensorsFile): Uint8Array {
  const header: Record<string, unknown> = { [METADATA]: metadata };
  let offset = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = asciiJson(header);
  const padded = json + ' '.repeat((8 - (json.length % 8)) % 8);
  const bytes = new Uint8Array(8 + padded.length + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded.length), true);
  for (let i = 0; i < padded.length; i++) bytes[8 + i] = padded.charCodeAt(i);
  let at = 8 + padded.length;
  for (const { data } of Object.values(tensors)) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/** Reads F32, F16, BF16 and F64 tensors as float32. Errors name `file`, the tensor, what was expected and found. */
export function decodeSafetensors(bytes: Uint8Array, file: string): SafetensorsFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8) throw new Error(`${file}: expected a safetensors file, found only ${bytes.length} bytes`);
  const headerLength = Number(view.getBigUint64(0, true));
  if (headerLength > MAX_HEADER_BYTES || 8 + headerLength > bytes.length) {
    throw new Error(
      `${file}: expected a safetensors header within ${bytes.length} bytes, found a length of ${headerLength}`,
    );
  }
  const header = parseHeader(bytes.subarray(8, 8 + headerLength), file);
  const body = 8 + headerLength;
  const tensors: Record<string, StoredTensor> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name !== METADATA) tensors[name] = readTensor(view, body, name, entry, file);
  }
  return { tensors, metadata: (header[METADATA] ?? {}) as Record<string, string> };
}

function parseHeader(bytes: Uint8Array, file: string): Record<string, unknown> {
  let escaped = '';
  for (const byte of bytes) escaped += byte < 0x80 && byte !== 0x25 ? String.fromCharCode(byte) : percent(byte);
  let header: unknown;
  try {
    header = JSON.parse(decodeURIComponent(escaped));
  } catch (cause) {
    throw new Error(`${file}: expected a safetensors header in JSON`, { cause });
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new Error(`${file}: expected the safetensors header to be an object`);
  }
  return header as Record<string, unknown>;
}

function percent(byte: number): string {
  return `%${byte.toString(16).padStart(2, '0')}`;
}

const BYTES_PER_VALUE: Readonly<Record<string, number>> = { F64: 8, F32: 4, F16: 2, BF16: 2 };

function readTensor(view: DataView, body: number, name: string, entry: unknown, file: string): StoredTensor {
  const {
    dtype,
    shape,
    data_offsets: offsets,
  } = entry as { dtype: string; shape: number[]; data_offsets: [number, number] };
  const width = BYTES_PER_VALUE[dtype];
  if (width === undefined) throw new Error(`${file}: "${name}" has type ${dtype}, expected F32, F16, BF16 or F64`);
  if (!Array.isArray(shape) || !Array.isArray(offsets) || !shape.every((n) => Number.isSafeInteger(n) && n >= 0)) {
    throw new Error(`${file}: "${name}" has no valid shape and offsets`);
  }
  const size = shape.reduce((product, n) => product * n, 1);
  const [begin, end] = offsets;
  if (end - begin !== size * width || begin < 0 || body + end > view.byteLength) {
    throw new Error(
      `${file}: "${name}" of shape (${shape.join(', ')}) needs ${size * width} bytes, found ${begin} to ${end} of ${view.byteLength - body}`,
    );
  }
  const data = new Float32Array(size);
  const read = reader(view, dtype);
  for (let i = 0; i < size; i++) data[i] = read(body + begin + i * width);
  return { shape, data };
}

function reader(view: DataView, dtype: string): (at: number) => number {
  switch (dtype) {
    case 'F64':
      return (at) => view.getFloat64(at, true);
    case 'F16':
      return (at) => halfToNumber(view.getUint16(at, true));
    case 'BF16': {
      const scratch = new DataView(new ArrayBuffer(4));
      return (at) => {
        scratch.setUint16(2, view.getUint16(at, true), true);
        return scratch.getFloat32(0, true);
      };
    }
    default:
      return (at) => view.getFloat32(at, true);
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
