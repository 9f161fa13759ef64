// nnU-Net v2's dataset.json and splits, and the checks that its own verifier makes before it plans anything.
import { z } from 'zod';
import type { Refusal } from '../../imaging/refusal.ts';
import { parseJson } from './json-document.ts';

/** Key of pixels that training passes over; its id has to be the highest. */
export const NNUNET_IGNORE = 'ignore';

const document = z.object({
  channel_names: z.record(z.string(), z.string()),
  labels: z.record(z.string(), z.union([z.number(), z.array(z.number())])),
  numTraining: z.number(),
  file_ending: z.string(),
  name: z.string().optional(),
});

export type NnunetDataset = z.infer<typeof document>;

/** Reads dataset.json; fields that are not used are passed over. */
export function parseNnunetDataset(text: string): NnunetDataset | Refusal {
  return parseJson(document, text);
}

/** A case and whom it shows. */
export interface NnunetCase {
  readonly name: string;
  readonly patient: string;
}

/** A fold, as splits_final.json lists it. */
export interface NnunetFold {
  readonly train: readonly string[];
  readonly val: readonly string[];
}

/**
 * Folds that never divide a patient: in the order of their names, every `folds`-th patient validates. Neighbours are often of one
 * group (ACDC numbers patients by disease), so each fold has some of every group.
 */
export function patientFolds(cases: readonly NnunetCase[], folds: number): NnunetFold[] {
  const patients = [...new Set(cases.map(({ patient }) => patient))].sort();
  const count = Math.min(folds, patients.length);
  return Array.from({ length: count }, (_, fold) => {
    const held = new Set(patients.filter((_, index) => index % count === fold));
    const names = (validates: boolean): string[] =>
      cases.filter(({ patient }) => held.has(patient) === validates).map(({ name }) => name);
    return { train: names(false), val: names(true) };
  });
}

/** What the verifier looks at in an image or a label map. */
export interface NnunetGrid {
  readonly shape: readonly number[];
  readonly spacing: readonly number[];
  /** Rows of the affine, or nothing for pictures. */
  readonly affine: readonly number[];
}

/** A training case as it was read back. */
export interface NnunetCaseContent {
  readonly name: string;
  readonly channels: number;
  readonly image: NnunetGrid;
  readonly label: NnunetGrid;
  readonly labels: ReadonlySet<number>;
  readonly hasNaN: boolean;
}

/** One check and how it came out. */
export interface NnunetCheck {
  readonly level: 'good' | 'warning' | 'error';
  readonly text: string;
}

/** Ids have to be 0, 1, 2, ... without a gap; the ignore id the highest. */
export function checkLabelIds(labels: NnunetDataset['labels']): NnunetCheck {
  const ids = Object.entries(labels).flatMap(([name, id]) => (typeof id === 'number' ? [{ name, id }] : []));
  ids.sort((a, b) => a.id - b.id);
  const gap = ids.find(({ id }, index) => id !== index);
  if (gap) {
    return { level: 'error', text: `Label ids have to be 0, 1, 2, ... without a gap, got ${gap.id} for ${gap.name}.` };
  }
  const ignored = ids.findIndex(({ name }) => name === NNUNET_IGNORE);
  if (ignored >= 0 && ignored !== ids.length - 1) {
    return { level: 'error', text: `The ignore label has to have the highest id, got ${ignored}.` };
  }
  return { level: 'good', text: `Label ids are consecutive, 0 to ${ids.length - 1}.` };
}

/** The verifier's checks over all training cases, gathered one case at a time. */
export class NnunetVerifier {
  private readonly dataset: NnunetDataset;
  private readonly found = new Map<string, { level: 'warning' | 'error'; cases: string[]; detail: string }>();
  private readonly expected: ReadonlySet<number>;
  private cases = 0;

  constructor(dataset: NnunetDataset) {
    this.dataset = dataset;
    this.expected = new Set(Object.values(dataset.labels).flat());
  }

  add({ name, channels, image, label, labels, hasNaN }: NnunetCaseContent): void {
    this.cases++;
    const wanted = Object.keys(this.dataset.channel_names).length;
    if (channels !== wanted) this.note('error', 'another number of channels', name, `${channels}, not ${wanted}`);
    if (hasNaN) this.note('error', 'NaN in the image', name, '');
    if (!equal(image.shape, label.shape)) {
      this.note(
        'error',
        'image and labels of another shape',
        name,
        `${inWords(image.shape)} and ${inWords(label.shape)}`,
      );
    }
    if (!close(image.spacing, label.spacing)) {
      const detail = `${inWords(image.spacing)} and ${inWords(label.spacing)}`;
      this.note('error', 'image and labels of another spacing', name, detail);
    }
    if (!close(image.affine, label.affine))
      this.note('warning', 'image and labels of another place or direction', name, '');
    const strangers = [...labels].filter((id) => !this.expected.has(id));
    if (strangers.length > 0)
      this.note('error', 'label ids that dataset.json does not name', name, strangers.join(', '));
    if (labels.size === 1 && labels.has(0)) this.note('warning', 'nothing but background', name, '');
  }

  /** All checks, with how many cases each failed in and the first of them. */
  checks(): NnunetCheck[] {
    const { numTraining } = this.dataset;
    const counted: NnunetCheck =
      this.cases === numTraining
        ? { level: 'good', text: `${numTraining} training cases, each with its label map.` }
        : { level: 'error', text: `dataset.json says ${numTraining} training cases, there are ${this.cases}.` };
    const problems = [...this.found].map(([what, { level, cases, detail }]): NnunetCheck => {
      const first = detail === '' ? cases[0]! : `${cases[0]!}: ${detail}`;
      return { level, text: `${cases.length} of ${this.cases} cases have ${what} (${first}).` };
    });
    const unblemished: NnunetCheck = {
      level: 'good',
      text: 'Shapes, spacings and channels of images and labels agree; no NaN; no id that dataset.json does not name.',
    };
    const clean = problems.every(({ level }) => level !== 'error');
    return [counted, ...(clean ? [unblemished] : []), ...problems];
  }

  private note(level: 'warning' | 'error', what: string, name: string, detail: string): void {
    const found = this.found.get(what);
    if (found) found.cases.push(name);
    else this.found.set(what, { level, cases: [name], detail });
  }
}

function equal(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

/** numpy's allclose. */
function close(a: readonly number[], b: readonly number[]): boolean {
  return (
    a.length === b.length && a.every((value, index) => Math.abs(value - b[index]!) <= 1e-8 + 1e-5 * Math.abs(b[index]!))
  );
}

function inWords(extents: readonly number[]): string {
  return extents.map((value) => Number(value.toPrecision(5))).join(' x ');
}
