// NRRD headers (teem.sourceforge.net/nrrd/format.html): lines of `field: value`, then an empty line, then the voxels.
// Own reader: the one library there is has not been kept for years, and the header is untrusted.
import { axesGeometry, sizesGeometry, type Geometry } from './nifti-geometry.ts';
import { isRefusal, refuse, type Refusal } from './refusal.ts';
import { refuseExtents, VOXEL_BYTES, type StoredVolume, type VoxelType } from './volume-header.ts';

/** Headers longer than this are refused. */
export const NRRD_HEADER_BYTES = 2 ** 20;

const TYPES: Readonly<Record<string, VoxelType>> = Object.fromEntries(
  Object.entries({
    int8: ['signed char', 'int8', 'int8_t'],
    uint8: ['uchar', 'unsigned char', 'uint8', 'uint8_t'],
    int16: ['short', 'short int', 'signed short', 'signed short int', 'int16', 'int16_t'],
    uint16: ['ushort', 'unsigned short', 'unsigned short int', 'uint16', 'uint16_t'],
    int32: ['int', 'signed int', 'int32', 'int32_t'],
    uint32: ['uint', 'unsigned int', 'uint32', 'uint32_t'],
    int64: ['longlong', 'long long', 'long long int', 'signed long long', 'int64', 'int64_t'],
    uint64: ['ulonglong', 'unsigned long long', 'unsigned long long int', 'uint64', 'uint64_t'],
    float32: ['float'],
    float64: ['double'],
  } as const).flatMap(([type, names]) => names.map((name) => [name, type as VoxelType])),
);

/** Signs that turn a space's axes towards right, front and head. */
const SPACES: Readonly<Record<string, readonly [number, number, number]>> = {
  'right-anterior-superior': [1, 1, 1],
  ras: [1, 1, 1],
  'left-anterior-superior': [-1, 1, 1],
  las: [-1, 1, 1],
  'left-posterior-superior': [-1, -1, 1],
  lps: [-1, -1, 1],
};
/** Kinds of an axis along which values of one voxel lie. */
const COLOURS = new Set(['rgb-color', '3-color', '3-vector', 'vector']);
const TOGETHER = new Set(['list', 'time']);

/** Reads and checks a header from the first bytes of a file. */
export function parseNrrdHeader(bytes: Uint8Array): StoredVolume | Refusal {
  const split = splitHeader(bytes);
  if (isRefusal(split)) return split;
  const { fields, end } = split;
  const type = TYPES[(fields.get('type') ?? '').toLowerCase()];
  if (!type) return refuse('a numeric type', JSON.stringify(fields.get('type') ?? ''));
  const sizes = words(fields.get('sizes')).map(Number);
  if (sizes.length < 2 || sizes.length !== Number(fields.get('dimension'))) {
    return refuse(
      '2 or more sizes, as many as the dimension',
      `${sizes.length} and ${fields.get('dimension') ?? 'none'}`,
    );
  }
  const kinds = words(fields.get('kinds')?.toLowerCase());
  const layout = layoutOf(sizes, kinds, type);
  const wrong = refuseExtents(layout.extents, layout.voxelType);
  if (wrong) return wrong;
  const place = placeOf(fields, end);
  if (isRefusal(place)) return place;
  const [width = 1, height = 1, slices = 1, phases = 1] = layout.extents;
  const { voxelType } = layout;
  return {
    header: {
      ...{ width, height, slices, phases, voxelType, bytesPerVoxel: VOXEL_BYTES[voxelType], slope: 1, intercept: 0 },
      littleEndian: (fields.get('endian') ?? 'little').toLowerCase() !== 'big',
      geometry: geometryOf(fields, layout.skipped),
    },
    ...place,
    phasesTogether: layout.phasesTogether,
  };
}

function splitHeader(bytes: Uint8Array): { fields: Map<string, string>; end: number } | Refusal {
  const magic = String.fromCharCode(...bytes.subarray(0, 8));
  if (!/^NRRD000[1-5]/.test(magic)) return refuse('a NRRD header (NRRD0001 to NRRD0005)', JSON.stringify(magic));
  const fields = new Map<string, string>();
  let at = 0;
  while (at < bytes.length) {
    const next = bytes.indexOf(10, at);
    if (next < 0) break;
    const line = latin(bytes.subarray(at, next)).trimEnd();
    at = next + 1;
    if (line === '') return { fields, end: at };
    const [, name, value] = /^([^:#]+): ?(.*)$/.exec(line) ?? [];
    // `key:=value` pairs are for people.
    if (name !== undefined && value !== undefined && !line.includes(':='))
      fields.set(name.toLowerCase().trim(), value.trim());
  }
  // A detached header may end without an empty line.
  if (fields.has('data file') || fields.has('datafile')) return { fields, end: bytes.length };
  return refuse('an empty line after the header', `none in ${bytes.length} bytes`);
}

interface Layout {
  readonly extents: readonly number[];
  readonly voxelType: VoxelType;
  readonly phasesTogether: boolean;
  /** Axes before those of space. */
  readonly skipped: 0 | 1;
}

/** Colours, or all phases of a voxel, may come first; both are then no axis of space. */
function layoutOf(sizes: readonly number[], kinds: readonly string[], type: VoxelType): Layout {
  const [first = 0, ...rest] = sizes;
  const kind = kinds[0] ?? '';
  if (first === 3 && COLOURS.has(kind) && type === 'uint8') {
    return { extents: rest, voxelType: 'rgb24', phasesTogether: false, skipped: 1 };
  }
  if (sizes.length === 4 && TOGETHER.has(kind)) {
    return { extents: [...rest, first], voxelType: type, phasesTogether: true, skipped: 1 };
  }
  return { extents: sizes, voxelType: type, phasesTogether: false, skipped: 0 };
}

function placeOf(
  fields: ReadonlyMap<string, string>,
  end: number,
): Pick<StoredVolume, 'dataFile' | 'offset' | 'packing'> | Refusal {
  const encoding = (fields.get('encoding') ?? '').toLowerCase();
  const packing = encoding === 'raw' ? 'none' : encoding === 'gzip' || encoding === 'gz' ? 'gzip' : undefined;
  if (!packing) return refuse('raw or gzip encoding', JSON.stringify(encoding));
  if (Number(fields.get('line skip') ?? fields.get('lineskip') ?? 0) !== 0) return refuse('no line skip', 'one');
  const skip = Number(fields.get('byte skip') ?? fields.get('byteskip') ?? 0);
  if (!Number.isSafeInteger(skip) || skip < -1) return refuse('a byte skip of -1 or more', `${skip}`);
  const dataFile = fields.get('data file') ?? fields.get('datafile');
  const offset = skip === -1 ? 'fromEnd' : skip + (dataFile === undefined ? end : 0);
  if (offset === 'fromEnd' && packing !== 'none') return refuse('a byte skip of 0 or more in packed data', '-1');
  return { offset, packing, ...(dataFile !== undefined && { dataFile }) };
}

function geometryOf(fields: ReadonlyMap<string, string>, skipped: number): Geometry {
  const signs = SPACES[(fields.get('space') ?? '').toLowerCase()];
  const axes = [...(fields.get('space directions') ?? '').matchAll(/\(([^)]*)\)/g)].map(([, vector = '']) =>
    vector.split(',').map(Number),
  );
  const origin = /\(([^)]*)\)/
    .exec(fields.get('space origin') ?? '')?.[1]
    ?.split(',')
    .map(Number) ?? [0, 0, 0];
  const turned = axes.slice(0, 3).map((axis) => turn(axis, signs));
  if (signs && turned.length === 3) return axesGeometry(turned, turn(origin, signs));
  // Without a space nothing says that the numbers are millimetres.
  const inMillimetres = signs !== undefined || /"mm"/.test(fields.get('space units') ?? fields.get('units') ?? '');
  return sizesGeometry(inMillimetres ? words(fields.get('spacings')).slice(skipped).map(Number) : []);
}

function turn(
  vector: readonly number[],
  signs: readonly [number, number, number] = [1, 1, 1],
): readonly [number, number, number] {
  const [x = NaN, y = NaN, z = NaN] = vector;
  return [x * signs[0], y * signs[1], z * signs[2]];
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '');
}

function latin(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
