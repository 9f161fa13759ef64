// DICOM data sets without the preamble and the meta information that files have: what old devices and some archives leave.

const PREAMBLE = Buffer.concat([Buffer.alloc(128), Buffer.from('DICM')]);
const IMPLICIT = '1.2.840.10008.1.2';
const EXPLICIT = '1.2.840.10008.1.2.1';
/** Bytes that tell, at least. */
export const BARE_START_BYTES = 132;
/** The groups that a file may begin with: meta information, identification. */
const [META, IDENTIFICATION] = [0x0002, 0x0008];
/** The first elements of identification are short. */
const LONGEST = 64;

/** The file that a bare data set stands for; undefined where bytes are none. */
export function asDicomFile(bytes: Uint8Array): Uint8Array | undefined {
  const group = firstGroup(bytes);
  if (group === undefined) return undefined;
  if (group === META) return Buffer.concat([PREAMBLE, bytes]);
  const syntax = isExplicit(bytes) ? EXPLICIT : IMPLICIT;
  const text = Buffer.from(syntax.padEnd(syntax.length + (syntax.length % 2), '\0'), 'latin1');
  return Buffer.concat([PREAMBLE, element(0, 'UL', uint32(8 + text.length)), element(0x10, 'UI', text), bytes]);
}

/** Whether bytes begin as a bare data set does: two elements in order, the first of a length that fits. */
export function isBareDicom(start: Uint8Array): boolean {
  return firstGroup(start) !== undefined;
}

function firstGroup(bytes: Uint8Array): number | undefined {
  if (bytes.length < BARE_START_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [group, number] = [view.getUint16(0, true), view.getUint16(2, true)];
  if (group !== META && group !== IDENTIFICATION) return undefined;
  if (group === META && !isExplicit(bytes)) return undefined;
  const length = isExplicit(bytes) ? view.getUint16(6, true) : view.getUint32(4, true);
  if (length === 0 || length > LONGEST || length % 2 === 1) return undefined;
  const next = 8 + length;
  const follows = view.getUint16(next, true) === group && view.getUint16(next + 2, true) > number;
  return follows ? group : undefined;
}

function isExplicit(bytes: Uint8Array): boolean {
  return /^(?:UL|UI|CS|DA|TM|SH|LO)$/.test(String.fromCharCode(bytes[4]!, bytes[5]!)); // the start is longer
}

function element(number: number, vr: string, value: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16LE(META, 0);
  head.writeUInt16LE(number, 2);
  head.write(vr, 4, 'latin1');
  head.writeUInt16LE(value.length, 6);
  return Buffer.concat([head, value]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
