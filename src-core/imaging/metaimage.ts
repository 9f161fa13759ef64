// MetaImage headers (.mha, .mhd): lines of `Key = value`, the last of which says where the voxels are.
// Own reader: no kept library reads them apart from a build of all of ITK.
import { axesGeometry, sizesGeometry, type Geometry } from './nifti-geometry.ts';
import { isRefusal, refuse, type Refusal } from './refusal.ts';
import { refuseExtents, VOXEL_BYTES, type StoredVolume, type VoxelType } from './volume-header.ts';

/** Headers longer than this are refused. */
export const METAIMAGE_HEADER_BYTES = 2 ** 16;

const TYPES: Readonly<Record<string, VoxelType>> = {
  MET_CHAR: 'int8',
  MET_UCHAR: 'uint8',
  MET_SHORT: 'int16',
  MET_USHORT: 'uint16',
  MET_INT: 'int32',
  MET_UINT: 'uint32',
  MET_LONG: 'int32',
  MET_ULONG: 'uint32',
  MET_LONG_LONG: 'int64',
  MET_ULONG_LONG: 'uint64',
  MET_FLOAT: 'float32',
  MET_DOUBLE: 'float64',
};

/** Reads and checks a header from the first bytes of a file. */
export function parseMetaImageHeader(bytes: Uint8Array): StoredVolume | Refusal {
  const split = splitHeader(bytes);
  if (isRefusal(split)) return split;
  const { fields, end } = split;
  const numbers = (key: string): number[] => (fields.get(key) ?? '').split(/\s+/).filter(Boolean).map(Number);
  const extents = numbers('DimSize');
  const axes = Number(fields.get('NDims'));
  if (extents.length < 2 || extents.length !== axes) {
    return refuse(
      '2 or more extents in DimSize, as many as NDims',
      `${extents.length} and ${fields.get('NDims') ?? 'none'}`,
    );
  }
  const stored = TYPES[fields.get('ElementType') ?? ''];
  if (!stored) return refuse('a numeric ElementType', JSON.stringify(fields.get('ElementType') ?? ''));
  const channels = Number(fields.get('ElementNumberOfChannels') ?? 1);
  const isColour = channels === 3 && stored === 'uint8';
  if (channels !== 1 && !isColour) return refuse('one channel, or three of MET_UCHAR', `${channels} of ${stored}`);
  const voxelType = isColour ? 'rgb24' : stored;
  const wrong = refuseExtents(extents, voxelType);
  if (wrong) return wrong;
  if (!isTrue(fields.get('BinaryData') ?? 'True')) return refuse('binary voxels', 'text');
  const place = placeOf(fields, end);
  if (isRefusal(place)) return place;
  const [width = 1, height = 1, slices = 1, phases = 1] = extents;
  const bigEndian = isTrue(fields.get('BinaryDataByteOrderMSB') ?? fields.get('ElementByteOrderMSB') ?? 'False');
  const steps = fields.has('ElementSpacing') ? numbers('ElementSpacing') : numbers('ElementSize');
  const origin = ['Offset', 'Position', 'Origin'].map(numbers).find((vector) => vector.length > 0) ?? [];
  const matrix = ['TransformMatrix', 'Rotation', 'Orientation'].map(numbers).find((rows) => rows.length > 0) ?? [];
  return {
    header: {
      ...{ width, height, slices, phases, voxelType, bytesPerVoxel: VOXEL_BYTES[voxelType], slope: 1, intercept: 0 },
      littleEndian: !bigEndian,
      geometry: geometryOf(axes, steps, matrix, origin),
    },
    ...place,
    phasesTogether: false,
  };
}

function splitHeader(bytes: Uint8Array): { fields: Map<string, string>; end: number } | Refusal {
  const fields = new Map<string, string>();
  let at = 0;
  while (at < bytes.length) {
    const next = bytes.indexOf(10, at);
    const line = latin(bytes.subarray(at, next < 0 ? bytes.length : next)).trim();
    const [, key, value] = /^(\w+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined) {
      if (line === '' && next >= 0) {
        at = next + 1;
        continue;
      }
      return refuse('lines of Key = value up to ElementDataFile', JSON.stringify(line.slice(0, 40)));
    }
    fields.set(key, value);
    at = next < 0 ? bytes.length : next + 1;
    if (key === 'ElementDataFile') return { fields, end: at };
  }
  return refuse('ElementDataFile at the end of the header', `none in ${bytes.length} bytes`);
}

function placeOf(
  fields: ReadonlyMap<string, string>,
  end: number,
): Pick<StoredVolume, 'dataFile' | 'offset' | 'packing'> | Refusal {
  const file = fields.get('ElementDataFile') ?? '';
  const isLocal = file === 'LOCAL';
  if (file === '' || file.startsWith('LIST') || file.includes('%')) {
    return refuse('voxels in the file itself (LOCAL) or in one other file', JSON.stringify(file));
  }
  const packing = isTrue(fields.get('CompressedData') ?? 'False') ? 'zlib' : 'none';
  const skip = Number(fields.get('HeaderSize') ?? 0);
  if (!Number.isSafeInteger(skip) || skip < -1) return refuse('a HeaderSize of -1 or more', `${skip}`);
  if (isLocal) return { offset: end, packing };
  if (skip === -1 && packing === 'zlib') return refuse('a HeaderSize of 0 or more in packed data', '-1');
  return { offset: skip === -1 ? 'fromEnd' : skip, packing, dataFile: file };
}

/** Directions and origin are towards left, back and head; the matrix lists one axis after another. */
function geometryOf(
  axes: number,
  steps: readonly number[],
  matrix: readonly number[],
  origin: readonly number[],
): Geometry {
  if (axes < 3 || matrix.length !== axes * axes || origin.length < 3 || steps.length < 3) return sizesGeometry(steps);
  const direction = (axis: number) => {
    const [x = NaN, y = NaN, z = NaN] = matrix.slice(axis * axes, axis * axes + 3);
    const step = steps[axis] ?? NaN;
    return [-x * step, -y * step, z * step] as const;
  };
  const [x = NaN, y = NaN, z = NaN] = origin;
  return axesGeometry([direction(0), direction(1), direction(2)], [-x, -y, z]);
}

function isTrue(text: string): boolean {
  return /^(?:true|1)$/i.test(text);
}

function latin(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
