// nnU-Net v2: nnUNet_raw/DatasetXXX_Name with dataset.json, imagesTr, labelsTr, imagesTs and labelsTs, and the folds by patient in
// nnUNet_preprocessed, where nnU-Net looks for them. What it writes is read back and put through nnU-Net's own checks.
import { checkLabelIds, NNUNET_IGNORE, patientFolds } from '../../../src-core/datasets/codecs/nnunet.ts';
import type { ExportSettings } from '../../../src-core/datasets/formats/export-formats.ts';
import { IGNORE } from '../../../src-core/imaging/plane.ts';
import type { Project } from '../project.ts';
import { jsonFile } from './file-content.ts';
import {
  UnfitError,
  type ExportCheck,
  type ExportFormat,
  type ExportPlan,
  type ExportRequest,
  type PlannedFile,
} from './format.ts';
import { plainName } from './item-names.ts';
import { consecutiveLabelIds } from './label-ids.ts';
import { countMasks, describeCounts, maskFacts, prepareMasks, type MaskExport } from './mask-export.ts';
import { verifyNnunet } from './nnunet-verify.ts';
import { pictureCases } from './nnunet-pictures.ts';
import { volumeCases } from './nnunet-volumes.ts';
import { programVersion } from './program-version.ts';
import { isVolume } from './volume-maps.ts';

/** A raw dataset for nnU-Net v2. */
export const nnunetFormat: ExportFormat<'nnunet'> = { name: 'nnunet', plan };

/** An image with its label map, before it has a folder. */
export interface PlannedCase {
  readonly name: string;
  readonly patient: string;
  readonly split: 'train' | 'validation' | 'test';
  readonly facts: PlannedFile['facts'];
  readonly image: PlannedFile['produce'];
  /** `table` gives the id to write for every exported id, 255 included. */
  readonly label: (table: Uint8Array) => Promise<Uint8Array>;
  /** Whether some of its slices are not exported. */
  readonly isPartial: boolean;
}

/** All cases of one kind of file. */
export interface PlannedCases {
  readonly cases: readonly PlannedCase[];
  readonly fileEnding: '.nii.gz' | '.png';
  readonly channelNames: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
  readonly checks: readonly ExportCheck[];
}

async function plan(project: Project, request: ExportRequest, settings: ExportSettings<'nnunet'>): Promise<ExportPlan> {
  const masks = prepareMasks(project, request, consecutiveLabelIds(project, request.labels));
  const counts = countMasks(masks);
  const planned = await casesOf(project, masks, settings.channel);
  const { cases, fileEnding, channelNames } = planned;
  const training = cases.filter(({ split }) => split !== 'test');
  if (training.length === 0)
    throw new UnfitError('nnU-Net: expected images to train on, got only images of the test split');
  const ignore = counts.ignored.pixels > 0 || cases.some(({ isPartial }) => isPartial);
  const labels = labelsOf(masks, ignore);
  const dataset = {
    channel_names: channelNames,
    labels,
    numTraining: training.length,
    file_ending: fileEnding,
    name: settings.name,
    description: `${programVersion().program} ${programVersion().version}, ${masks.run ?? 'no run'}. Research use only.`,
  };
  const folder = `Dataset${String(settings.dataset).padStart(3, '0')}_${plainName(settings.name)}`;
  const raw = `nnUNet_raw/${folder}`;
  const table = writtenIds(labels[NNUNET_IGNORE]);
  const folds = foldsOf(training, settings.folds);
  return {
    run: masks.run,
    files: [
      ...cases.flatMap((each) => caseFiles(raw, each, fileEnding, table)),
      jsonFile(`${raw}/dataset.json`, dataset),
      ...(folds.length > 0 ? [jsonFile(`nnUNet_preprocessed/${folder}/splits_final.json`, folds)] : []),
    ],
    facts: { ...maskFacts(masks, counts), nnunetLabels: labels },
    notes: [
      ...masks.notes,
      ...describeCounts(counts),
      ...(ignore ? [`Not decided is the ignore label, ${labels[NNUNET_IGNORE]}.`] : []),
      ...planned.notes,
      'Set nnUNet_raw and nnUNet_preprocessed to the two folders, then run nnUNetv2_plan_and_preprocess.',
    ],
    checks: [checkLabelIds(labels), ...checkFolds(folds, settings.folds), ...planned.checks],
    verify: (written) => verifyNnunet(written, raw),
  };
}

async function casesOf(project: Project, masks: MaskExport, channel: string): Promise<PlannedCases> {
  const pictures = masks.items.filter(({ volume }) => !isVolume(volume)).length;
  if (pictures === masks.items.length) return pictureCases(project, masks, channel);
  if (pictures === 0) return volumeCases(project, masks, channel);
  throw new UnfitError('nnU-Net: expected images of one kind, got volumes and single pictures; export them apart');
}

function labelsOf({ classes }: MaskExport, ignore: boolean): Record<string, number> {
  const named = Object.fromEntries(classes.map(({ name, id }) => [name, id]));
  const highest = Math.max(...classes.map(({ id }) => id));
  return { background: 0, ...named, ...(ignore && { [NNUNET_IGNORE]: highest + 1 }) };
}

/** Ids as they are, but for 255. */
function writtenIds(ignore: number | undefined): Uint8Array {
  const table = Uint8Array.from({ length: IGNORE + 1 }, (_, id) => id);
  if (ignore !== undefined) table[IGNORE] = ignore;
  return table;
}

function caseFiles(raw: string, each: PlannedCase, ending: string, table: Uint8Array): PlannedFile[] {
  const set = each.split === 'test' ? 'Ts' : 'Tr';
  return [
    { path: `${raw}/images${set}/${each.name}_0000${ending}`, facts: each.facts, produce: each.image },
    { path: `${raw}/labels${set}/${each.name}${ending}`, facts: each.facts, produce: () => each.label(table) },
  ];
}

/** One fold is the project's own division into training and validation. */
function foldsOf(
  training: readonly PlannedCase[],
  folds: number,
): readonly { train: readonly string[]; val: readonly string[] }[] {
  if (folds > 1) {
    const divided = patientFolds(training, folds);
    return divided.length > 1 ? divided : [];
  }
  const names = (split: PlannedCase['split']): string[] =>
    training.filter((each) => each.split === split).map(({ name }) => name);
  const fold = { train: names('train'), val: names('validation') };
  return fold.train.length > 0 && fold.val.length > 0 ? [fold] : [];
}

function checkFolds(folds: readonly unknown[], wanted: number): ExportCheck[] {
  if (folds.length === wanted) return [{ level: 'good', text: `${folds.length} folds; no patient is on two sides.` }];
  const text =
    folds.length === 0
      ? 'There is nobody to validate on, so splits_final.json is left out and nnU-Net divides the cases itself, whatever the patient.'
      : `${wanted} folds were asked for; there are patients for ${folds.length}.`;
  return [{ level: 'warning', text }];
}
