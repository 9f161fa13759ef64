// Data elements of DICOM as a parser gives them (the DICOM JSON model), and the readings that the rest takes from them.

/** One data element: its value representation and values. */
export interface DicomElement {
  readonly vr: string;
  readonly Value?: readonly unknown[] | undefined;
}

/** Elements by tag: eight hexadecimal digits, upper case. */
export type DicomDataset = Readonly<Record<string, DicomElement | undefined>>;

/** First value as trimmed text; empty where there is none. */
export function textOf(dataset: DicomDataset, tag: string): string {
  return textOfValue(valuesOf(dataset, tag)[0]);
}

/** First value as a finite number; undefined where it is none. */
export function numberOf(dataset: DicomDataset, tag: string): number | undefined {
  return numbersOf(dataset, tag)[0];
}

/** All values as numbers, undefined for those that are not finite. */
export function numbersOf(dataset: DicomDataset, tag: string): (number | undefined)[] {
  return valuesOf(dataset, tag).map((value) => {
    const number = typeof value === 'string' && value.trim() === '' ? NaN : Number(value);
    return Number.isFinite(number) ? number : undefined;
  });
}

/** `count` finite numbers, or undefined where there are not that many. */
export function vectorOf(dataset: DicomDataset, tag: string, count: number): readonly number[] | undefined {
  const numbers = numbersOf(dataset, tag);
  if (numbers.length < count) return undefined;
  const vector = numbers.slice(0, count);
  return vector.every((value) => value !== undefined) ? vector : undefined;
}

/** Items of a sequence; none where it is absent. */
export function itemsOf(dataset: DicomDataset, tag: string): readonly DicomDataset[] {
  return valuesOf(dataset, tag).filter(isDataset);
}

/** First item of a sequence; an empty one where there is none. */
export function itemOf(dataset: DicomDataset, tag: string): DicomDataset {
  return itemsOf(dataset, tag)[0] ?? {};
}

/** Values of binary elements. Fragments of one value stay together. */
export function bytesOf(dataset: DicomDataset, tag: string): (readonly Uint8Array[])[] {
  return valuesOf(dataset, tag).map((value) => (Array.isArray(value) ? value : [value]).flatMap(asBytes));
}

/** Whether an element has any value. */
export function hasValue(dataset: DicomDataset, tag: string): boolean {
  return valuesOf(dataset, tag).some((value) => value !== undefined && value !== null && value !== '');
}

function valuesOf(dataset: DicomDataset, tag: string): readonly unknown[] {
  const values = dataset[tag]?.Value;
  return Array.isArray(values) ? values : [];
}

/** Names of persons are objects with up to three ways of writing. */
function textOfValue(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  if (typeof value === 'number') return String(value);
  if (typeof value === 'object' && value !== null && 'Alphabetic' in value && typeof value.Alphabetic === 'string') {
    return value.Alphabetic.trim();
  }
  return '';
}

function isDataset(value: unknown): value is DicomDataset {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

function asBytes(value: unknown): Uint8Array[] {
  if (value instanceof ArrayBuffer) return [new Uint8Array(value)];
  return value instanceof Uint8Array ? [value] : [];
}
