// Small NRRD and MetaImage files for tests, line by line.
/** 4 x 3 x 2 values, every one another. */
export const VALUES = Array.from({ length: 24 }, (_, at) => 1000 * (at % 4) + 7 * at - 3);
export const BYTES = Buffer.from(Int16Array.from(VALUES).buffer);

/** A NRRD file of these header lines. */
export function nrrd(lines: readonly string[], data: Uint8Array = BYTES): Uint8Array {
  return Buffer.concat([Buffer.from(`NRRD0005\n# made for a test\n${lines.join('\n')}\n\n`), data]);
}

/** Columns towards the feet, rows to the right, slices to the front; 2, 1.5 and 8 mm. The encoding is left open. */
export const NRRD_LINES = [
  'type: short',
  'dimension: 3',
  'space: left-posterior-superior',
  'sizes: 4 3 2',
  'space directions: (0,0,-2) (-1.5,0,0) (0,-8,0)',
  'kinds: domain domain domain',
  'endian: little',
  'space origin: (-10,20,30)',
];

/** A MetaImage file of these header lines. */
export function metaImage(lines: readonly string[], data: Uint8Array = BYTES): Uint8Array {
  return Buffer.concat([Buffer.from(`${lines.join('\n')}\n`), data]);
}

/** The same volume; where its data lies is left open. */
export const META_LINES = [
  'ObjectType = Image',
  'NDims = 3',
  'BinaryData = True',
  'BinaryDataByteOrderMSB = False',
  'TransformMatrix = 0 0 -1 -1 0 0 0 -1 0',
  'Offset = -10 20 30',
  'ElementSpacing = 2 1.5 8',
  'DimSize = 4 3 2',
  'ElementType = MET_SHORT',
];
