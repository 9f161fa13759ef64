// A DICOM file as elements that a test may change and write again.
import type { DicomDataset } from '../../src-core/imaging/dicom-elements.ts';
import { isRefusal } from '../../src-core/imaging/refusal.ts';
import { openDicomFile } from '../../src-main/services/dicom/dicom-file.ts';
import type { DicomElements, DicomValue } from './dicom-bytes.ts';

/** Elements of a file, its meta information left out. */
export async function elementsOf(path: string): Promise<DicomElements> {
  const file = await openDicomFile(path);
  if (isRefusal(file)) throw new Error(`${path}: expected ${file.expected}, found ${file.found}`);
  return elementsOfDataset(file.dataset);
}

/** The same elements with some of them changed, in the items of sequences too; those that become undefined are left out. */
export function changed(
  elements: DicomElements,
  change: (tag: string, element: DicomElements[string]) => DicomElements[string] | undefined,
): DicomElements {
  const entries = Object.entries(elements).flatMap(([tag, element]) => {
    const next = change(tag, element);
    if (!next) return [];
    const items = next[0] === 'SQ' ? (next[1] as readonly DicomElements[]) : undefined;
    return [[tag, items ? (['SQ', items.map((item) => changed(item, change))] as const) : next] as const];
  });
  return Object.fromEntries(entries);
}

function elementsOfDataset(dataset: DicomDataset): DicomElements {
  const entries = Object.entries(dataset).flatMap(([tag, element]) =>
    element?.Value ? [[tag, [element.vr, valueOf(element.vr, element.Value)]] as const] : [],
  );
  return Object.fromEntries(entries);
}

function valueOf(vr: string, values: readonly unknown[]): DicomValue {
  if (vr === 'SQ') return values.map((item) => elementsOfDataset(item as DicomDataset));
  const [first] = values;
  if (first instanceof ArrayBuffer) return new Uint8Array(first);
  if (first instanceof Uint8Array) return first;
  if (vr === 'PN') return values.map((name) => (name as { Alphabetic?: string }).Alphabetic ?? '').join('\\');
  if (values.every((value) => typeof value === 'number') && !['DS', 'IS'].includes(vr)) return values;
  return values.map(String).join('\\');
}
