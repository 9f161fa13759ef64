import { describe, expect, it } from 'vitest';
import {
  checkLabelIds,
  NnunetVerifier,
  parseNnunetDataset,
  patientFolds,
  type NnunetCaseContent,
} from '../../../../src-core/datasets/codecs/nnunet.ts';

const DATASET = {
  channel_names: { '0': 'cineMRI' },
  labels: { background: 0, RV: 1, ignore: 2 },
  numTraining: 1,
  file_ending: '.nii.gz',
};
const GRID = { shape: [3, 6, 10], spacing: [8, 1, 1], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 8, 0] };
const LABEL = { ...GRID, ids: new Set([0, 1, 2]) };
const CASE: NnunetCaseContent = {
  name: 'p1',
  channels: 1,
  image: GRID,
  label: LABEL,
  hasNaN: false,
};

function verify(changes: Partial<NnunetCaseContent>): { level: string; text: string }[] {
  const verifier = new NnunetVerifier(DATASET);
  verifier.add({ ...CASE, ...changes });
  return verifier.checks();
}

describe('nnU-Net’s integrity checks', () => {
  it('pass what agrees', () => {
    expect(verify({}).map(({ level }) => level)).toEqual(Array(9).fill('good'));
  });

  it.each([
    [{ label: undefined }, 'no label map (p1)'],
    [{ channels: 3 }, 'another number of channels (p1: 3, not 1)'],
    [{ hasNaN: true }, 'NaN (p1)'],
    [{ label: { ...LABEL, shape: [3, 10, 6] } }, 'image and labels of another shape (p1: 3 x 6 x 10 and 3 x 10 x 6)'],
    [
      { label: { ...LABEL, spacing: [8, 1, 1.001] } },
      'image and labels of another spacing (p1: 8 x 1 x 1 and 8 x 1 x 1.001)',
    ],
    [{ label: { ...LABEL, ids: new Set([0, 7]) } }, 'label ids that dataset.json does not name (p1: 7)'],
  ])('refuse %o', (changes, text) => {
    const errors = verify(changes).filter(({ level }) => level === 'error');
    expect(errors.map((error) => error.text)).toEqual([`1 of 1 cases have ${text}.`]);
  });

  it('warn of another place and of nothing but background', () => {
    const moved = verify({ label: { ...LABEL, affine: GRID.affine.map((value) => value + 1), ids: new Set([0]) } });
    expect(moved.filter(({ level }) => level === 'warning').map(({ text }) => text)).toEqual([
      '1 of 1 cases have image and labels of another place or direction (p1).',
      '1 of 1 cases have nothing but background (p1).',
    ]);
  });

  it('want ids without a gap and the ignore id on top', () => {
    expect(checkLabelIds({ background: 0, LV: 3 })).toMatchObject({ level: 'error' });
    expect(checkLabelIds({ background: 0, ignore: 1, LV: 2 }).text).toContain('highest id, got 1');
    expect(new NnunetVerifier(DATASET).checks()[0]!.text).toBe('dataset.json says 1 training cases, there are 0.');
  });
});

describe('folds by patient', () => {
  it('never divide a patient and validate each of them once', () => {
    const cases = ['c', 'a', 'b', 'd'].flatMap((patient) =>
      [1, 2].map((frame) => ({ name: `${patient}${frame}`, patient })),
    );
    const folds = patientFolds(cases, 3);
    expect(folds.map(({ val }) => val)).toEqual([
      ['a1', 'a2', 'd1', 'd2'],
      ['b1', 'b2'],
      ['c1', 'c2'],
    ]);
    for (const { train, val } of folds) expect([...train, ...val].sort()).toEqual(cases.map(({ name }) => name).sort());
    expect(patientFolds(cases, 9)).toHaveLength(4);
  });
});

describe('dataset.json', () => {
  it('is refused with the field that is wrong', () => {
    expect(parseNnunetDataset(JSON.stringify(DATASET))).toEqual(DATASET);
    expect(parseNnunetDataset(JSON.stringify({ ...DATASET, numTraining: 'two' }))).toMatchObject({
      kind: 'refused',
      expected: 'numTraining as the format has it',
    });
    expect(parseNnunetDataset('{')).toMatchObject({ expected: 'intact JSON' });
  });
});
