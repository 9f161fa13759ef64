// Small DICOM files for tests, written by hand so that they do not depend on the library that reads them.

/** Value of an element: texts, numbers, bytes, or the items of a sequence. */
export type DicomValue = string | readonly number[] | Uint8Array | readonly DicomElements[];
/** Elements by tag: `[value representation, value]`. */
export type DicomElements = Readonly<Record<string, readonly [string, DicomValue]>>;

export const SYNTAX = {
  implicit: '1.2.840.10008.1.2',
  explicit: '1.2.840.10008.1.2.1',
  deflated: '1.2.840.10008.1.2.1.99',
  big: '1.2.840.10008.1.2.2',
  rle: '1.2.840.10008.1.2.5',
  jpeg: '1.2.840.10008.1.2.4.50',
  jpegLs: '1.2.840.10008.1.2.4.80',
  jpeg2000: '1.2.840.10008.1.2.4.90',
} as const;

const LONG = new Set(['OB', 'OW', 'SQ', 'UN', 'UT']);
const NUMBER_BYTES: Readonly<Record<string, number>> = { US: 2, SS: 2, UL: 4, SL: 4, AT: 4, FL: 4, FD: 8 };

/** A file of these elements. A compressed pixel element is given as `frames`. */
export function dicomBytes(
  elements: DicomElements,
  syntax: string = SYNTAX.explicit,
  frames?: readonly Uint8Array[],
): Uint8Array {
  const writer = { big: syntax === SYNTAX.big, implicit: syntax === SYNTAX.implicit };
  const meta = dataset({ '00020010': ['UI', syntax] }, { big: false, implicit: false });
  const length = element('00020000', 'UL', [meta.length], { big: false, implicit: false });
  const magic = Buffer.concat([Buffer.alloc(128), Buffer.from('DICM')]);
  const pixels = frames ? encapsulated(frames) : Buffer.alloc(0);
  return Buffer.concat([magic, length, meta, dataset(elements, writer), pixels]);
}

interface Writer {
  readonly big: boolean;
  readonly implicit: boolean;
}

function dataset(elements: DicomElements, writer: Writer): Buffer {
  const tags = Object.keys(elements).sort();
  return Buffer.concat(tags.map((tag) => element(tag, elements[tag]![0], elements[tag]![1], writer)));
}

function element(tag: string, vr: string, value: DicomValue, writer: Writer): Buffer {
  const bytes = valueBytes(vr, value, writer);
  const head = Buffer.concat([
    uint(parseInt(tag.slice(0, 4), 16), 2, writer),
    uint(parseInt(tag.slice(4), 16), 2, writer),
  ]);
  if (writer.implicit) return Buffer.concat([head, uint(bytes.length, 4, writer), bytes]);
  const length = LONG.has(vr) ? [Buffer.alloc(2), uint(bytes.length, 4, writer)] : [uint(bytes.length, 2, writer)];
  return Buffer.concat([head, Buffer.from(vr, 'latin1'), ...length, bytes]);
}

function valueBytes(vr: string, value: DicomValue, writer: Writer): Buffer {
  if (typeof value === 'string') {
    const text = Buffer.from(value, 'latin1');
    return text.length % 2 === 0 ? text : Buffer.concat([text, Buffer.from(vr === 'UI' ? '\0' : ' ')]);
  }
  if (value instanceof Uint8Array)
    return value.length % 2 === 0 ? Buffer.from(value) : Buffer.concat([value, Buffer.alloc(1)]);
  if (vr === 'SQ') {
    return Buffer.concat(
      (value as readonly DicomElements[]).map((item) => {
        const bytes = dataset(item, writer);
        return Buffer.concat([uint(0xfffe, 2, writer), uint(0xe000, 2, writer), uint(bytes.length, 4, writer), bytes]);
      }),
    );
  }
  const numbers = value as readonly number[];
  if (vr === 'DS' || vr === 'IS') return valueBytes(vr, numbers.join('\\'), writer);
  return Buffer.concat(numbers.map((each) => uint(each, NUMBER_BYTES[vr] ?? 2, writer)));
}

function uint(value: number, bytes: number, { big }: Writer): Buffer {
  const buffer = Buffer.alloc(bytes);
  if (big) buffer.writeUIntBE(value, 0, bytes);
  else buffer.writeUIntLE(value, 0, bytes);
  return buffer;
}

function encapsulated(frames: readonly Uint8Array[]): Buffer {
  const little: Writer = { big: false, implicit: false };
  const item = (bytes: Uint8Array): Buffer =>
    Buffer.concat([uint(0xfffe, 2, little), uint(0xe000, 2, little), uint(bytes.length, 4, little), bytes]);
  const even = frames.map((frame) => (frame.length % 2 === 0 ? frame : Buffer.concat([frame, Buffer.alloc(1)])));
  const head = Buffer.from([0xe0, 0x7f, 0x10, 0, 0x4f, 0x42, 0, 0, 0xff, 0xff, 0xff, 0xff]);
  return Buffer.concat([
    head,
    item(new Uint8Array()),
    ...even.map(item),
    Buffer.from([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]),
  ]);
}

/** What a slice of a test series says of itself. */
export interface SliceFields {
  readonly patient?: string;
  readonly series?: number;
  readonly instance: number;
  /** Millimetres towards left, back and head. */
  readonly position?: readonly number[];
  readonly orientation?: readonly number[];
  readonly trigger?: number;
  readonly width: number;
  readonly height: number;
  /** 16-bit values. */
  readonly values: readonly number[];
  readonly more?: DicomElements;
}

/** Elements of an MR slice whose patient has a name that must not get into projects. */
export function sliceElements(fields: SliceFields): DicomElements {
  const { patient = 'P1', series = 1, instance, width, height, values, position, trigger } = fields;
  const { orientation = [1, 0, 0, 0, 1, 0] } = fields;
  return {
    '00080008': ['CS', 'ORIGINAL\\PRIMARY'],
    '00080016': ['UI', '1.2.840.10008.5.1.4.1.1.4'],
    '00080018': ['UI', sopInstance(patient, series, instance)],
    '00080020': ['DA', '20240131'],
    '00080060': ['CS', 'MR'],
    '00080080': ['LO', 'SECRET HOSPITAL'],
    '00100010': ['PN', `SECRETNAME^${patient}`],
    '00100020': ['LO', `SECRETID-${patient}`],
    '00100030': ['DA', '19700203'],
    '0020000D': ['UI', `1.2.3.${uidPart(patient)}`],
    '0020000E': ['UI', `1.2.3.${uidPart(patient)}.${series}`],
    '00200011': ['IS', [series]],
    '00200013': ['IS', [instance]],
    ...(position && { '00200032': ['DS', position], '00200037': ['DS', orientation] }),
    ...(trigger !== undefined && { '00181060': ['DS', [trigger]] }),
    '00180050': ['DS', [8]],
    '00280002': ['US', [1]],
    '00280004': ['CS', 'MONOCHROME2'],
    '00280010': ['US', [height]],
    '00280011': ['US', [width]],
    '00280030': ['DS', [1.5, 1.25]],
    '00280100': ['US', [16]],
    '00280101': ['US', [12]],
    '00280102': ['US', [11]],
    '00280103': ['US', [0]],
    '00281050': ['DS', [100]],
    '00281051': ['DS', [201]],
    '00090010': ['LO', 'PRIVATE MAKER'],
    '7FE00010': ['OW', Buffer.from(Uint16Array.from(values).buffer)],
    ...fields.more,
  };
}

/** Identifier of a slice. */
export function sopInstance(patient: string, series: number, instance: number): string {
  return `1.2.3.${uidPart(patient)}.${series}.${instance}`;
}

function uidPart(patient: string): number {
  return [...patient].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) % 100_000;
}
