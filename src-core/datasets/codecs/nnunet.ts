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
  /** Undefined where the case has no label map. */
  readonly label: (NnunetGrid & { readonly ids: ReadonlySet<number> }) | undefined;
  /** In the image or its labels. */
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

/** What the verifier looks at in each case: an error stops nnU-Net, a warning does not. */
const CASE_CHECKS = {
  label: { level: 'error', good: 'Every training case has a label map.', bad: 'no label map' },
  channels: {
    level: 'error',
    good: 'Images have the channels that dataset.json names.',
    bad: 'another number of channels',
  },
  number: { level: 'error', good: 'No value is NaN.', bad: 'NaN' },
  shape: { level: 'error', good: 'Images and labels have the same shapes.', bad: 'image and labels of another shape' },
  spacing: { level: 'error', good: 'Their spacings agree.', bad: 'image and labels of another spacing' },
  place: {
    level: 'warning',
    good: 'Their places and directions agree.',
    bad: 'image and labels of another place or direction',
  },
  ids: {
    level: 'error',
    good: 'Labels hold only ids that dataset.json names.',
    bad: 'label ids that dataset.json does not name',
  },
  content: { level: 'warning', good: 'Every case shows more than background.', bad: 'nothing but background' },
} as const;

type CaseCheck = keyof typeof CASE_CHECKS;

/** The verifier's checks over all training cases, gathered one case at a time. */
export class NnunetVerifier {
  private readonly dataset: NnunetDataset;
  private readonly failed = new Map<CaseCheck, { count: number; readonly first: string }>();
  private readonly expected: ReadonlySet<number>;
  private cases = 0;

  constructor(dataset: NnunetDataset) {
    this.dataset = dataset;
    this.expected = new Set(Object.values(dataset.labels).flat());
  }

  add({ name, channels, image, label, hasNaN }: NnunetCaseContent): void {
    this.cases++;
    const wanted = Object.keys(this.dataset.channel_names).length;
    if (channels !== wanted) this.fail('channels', name, `${channels}, not ${wanted}`);
    if (hasNaN) this.fail('number', name);
    if (!label) {
      this.fail('label', name);
      return;
    }
    if (!equal(image.shape, label.shape)) {
      this.fail('shape', name, `${inWords(image.shape)} and ${inWords(label.shape)}`);
    }
    if (!close(label.spacing, image.spacing)) {
      this.fail('spacing', name, `${inWords(image.spacing)} and ${inWords(label.spacing)}`);
    }
    if (!close(image.affine, label.affine)) this.fail('place', name);
    const strangers = [...label.ids].filter((id) => !this.expected.has(id));
    if (strangers.length > 0) this.fail('ids', name, strangers.join(', '));
    if (label.ids.size === 1 && label.ids.has(0)) this.fail('content', name);
  }

  /** Every check: good, or in how many cases it failed and the first of them. */
  checks(): NnunetCheck[] {
    const { numTraining } = this.dataset;
    const counted: NnunetCheck =
      this.cases === numTraining
        ? { level: 'good', text: `There are ${numTraining} training cases, as dataset.json says.` }
        : { level: 'error', text: `dataset.json says ${numTraining} training cases, there are ${this.cases}.` };
    const each = Object.entries(CASE_CHECKS).map(([name, { level, good, bad }]): NnunetCheck => {
      const failed = this.failed.get(name as CaseCheck); // a key of CASE_CHECKS
      if (!failed) return { level: 'good', text: good };
      return { level, text: `${failed.count} of ${this.cases} cases have ${bad} (${failed.first}).` };
    });
    return [counted, ...each];
  }

  private fail(check: CaseCheck, name: string, detail?: string): void {
    const failed = this.failed.get(check);
    if (failed) failed.count++;
    else this.failed.set(check, { count: 1, first: detail === undefined ? name : `${name}: ${detail}` });
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
