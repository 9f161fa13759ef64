// What a report says of masks: how much of each class in every image and case, how near the truth where there is one, and the hearts.
import { cardiacLabels } from '../../../src-core/measure/cardiac-report.ts';
import { voxelMl } from '../../../src-core/measure/cardiac.ts';
import { confusionMatrix } from '../../../src-core/measure/confusion.ts';
import { heartReport, type HeartReport } from '../../../src-core/measure/heart-report.ts';
import { dice, overlapCounts } from '../../../src-core/measure/overlap.ts';
import { createEvaluation, type Evaluation, type EvaluationReport } from '../../../src-core/measure/report.ts';
import { IGNORE, type LabelPlane } from '../../../src-core/imaging/plane.ts';
import { momentOf } from '../../storage/dataset-store.ts';
import { openImageData, type ProjectImages } from '../image-data.ts';
import type { Project, ProjectItem, ProjectVolume } from '../project.ts';
import type { ExportItem, MaskExport } from './mask-export.ts';

/** One image's mask. Arrays are in the order of the project's classes. */
export interface ImageMeasures {
  readonly item: ExportItem;
  readonly pixels: readonly number[];
  readonly undecided: number;
  /** NaN where the class is in neither map; null without truth. */
  readonly dice: readonly number[] | null;
  /** Of the prediction as a whole, 0..1. */
  readonly uncertainty: number | undefined;
}

/** One volume, or one image by itself. */
export interface CaseMeasures {
  readonly volume: ProjectVolume;
  readonly images: readonly ImageMeasures[];
  /** Of each class; null where the size of a voxel is unknown or slices are missing. */
  readonly volumesMl: readonly number[] | null;
  /** Null without truth. */
  readonly dice: readonly number[] | null;
  readonly hausdorff95Mm: readonly number[] | null;
}

/** Masks of one split against their truth. */
export interface SplitReport {
  readonly split: ProjectItem['split'];
  readonly report: EvaluationReport;
}

/** All that a report says. */
export interface ReportMeasures {
  readonly classes: readonly string[];
  readonly cases: readonly CaseMeasures[];
  readonly splits: readonly SplitReport[];
  /** Empty unless classes are structures of the heart. */
  readonly hearts: readonly HeartReport[];
}

const SPLITS = ['train', 'validation', 'test'] as const;
/** Truth is read in the order of volumes, so few decoded files need to be kept. */
const CACHE_BYTES = 64 * 2 ** 20;

/** Measures all masks, one volume at a time; of each only numbers are kept. */
export async function measureMasks(
  project: Project,
  masks: MaskExport,
  signal: AbortSignal | undefined,
): Promise<ReportMeasures> {
  const data = openImageData(project, { cacheBytes: CACHE_BYTES });
  const evaluations = new Map<ProjectItem['split'], Evaluation>();
  const cases: CaseMeasures[] = [];
  for (const items of Map.groupBy(masks.items, ({ volume }) => volume.id).values()) {
    signal?.throwIfAborted();
    cases.push(await measureCase(project, masks, data, items, evaluations));
  }
  const reports = new Map([...evaluations].map(([split, evaluation]) => [split, evaluation.finish()] as const));
  const byVolume = new Map([...reports.values()].flatMap(({ volumes }) => volumes).map((each) => [each.id, each]));
  return {
    classes: project.classes,
    cases: cases.map((each) => {
      const against = byVolume.get(each.volume.id);
      return { ...each, dice: against?.dice ?? null, hausdorff95Mm: against?.hausdorff95Mm ?? null };
    }),
    splits: SPLITS.flatMap((split) => {
      const report = reports.get(split);
      return report ? [{ split, report }] : [];
    }),
    hearts: heartsOf(project.classes, cases),
  };
}

async function measureCase(
  project: Project,
  { selection }: MaskExport,
  data: ProjectImages,
  items: readonly ExportItem[],
  evaluations: Map<ProjectItem['split'], Evaluation>,
): Promise<CaseMeasures> {
  const { volume } = items[0]!;
  const known: { mask: LabelPlane; truth: LabelPlane }[] = [];
  const images: ImageMeasures[] = [];
  for (const item of items) {
    const mask = selection.mask(item);
    const truth = await data.truth(item.item.id);
    if (truth) known.push({ mask, truth });
    images.push(measureImage(item, mask, truth, project.classes.length, selection.score(item.item.id)));
  }
  if (known.length > 0) {
    const evaluation = evaluations.get(volume.split) ?? createEvaluation(project.classes);
    evaluations.set(volume.split, evaluation);
    const { id, patient, phase, width, height, spacing } = volume;
    const isWhole = known.length === volume.slices;
    evaluation.add({
      id,
      patient,
      shape: [known.length, height, width],
      phase: isWhole && (phase === 'ED' || phase === 'ES') ? phase : null,
      spacing: isWhole && spacing ? [spacing.z, spacing.y, spacing.x] : null,
      prediction: joined(known.map(({ mask }) => mask)),
      truth: joined(known.map(({ truth }) => truth)),
    });
  }
  const { spacing } = volume;
  const ml = spacing && images.length === volume.slices ? voxelMl([spacing.z, spacing.y, spacing.x]) : null;
  const voxels = totalPixels(images, project.classes.length);
  return {
    volume,
    images,
    volumesMl: ml === null ? null : voxels.map((count) => count * ml),
    dice: null,
    hausdorff95Mm: null,
  };
}

function measureImage(
  item: ExportItem,
  mask: LabelPlane,
  truth: LabelPlane | undefined,
  classes: number,
  uncertainty: number | undefined,
): ImageMeasures {
  const histogram = new Uint32Array(IGNORE + 1);
  for (const id of mask.data) histogram[id]!++;
  const labels = Array.from({ length: classes }, (_, index) => index + 1);
  const confusion = truth && confusionMatrix(truth.data, mask.data, classes + 1);
  return {
    item,
    pixels: labels.map((label) => histogram[label]!),
    undecided: histogram[IGNORE]!,
    dice: confusion ? labels.map((label) => dice(overlapCounts(confusion, label))) : null,
    uncertainty,
  };
}

/** Pixels of each class over some images. */
export function totalPixels(images: readonly ImageMeasures[], classes: number): number[] {
  return Array.from({ length: classes }, (_, index) => images.reduce((sum, { pixels }) => sum + pixels[index]!, 0));
}

function heartsOf(classes: readonly string[], cases: readonly CaseMeasures[]): HeartReport[] {
  const labels = cardiacLabels(classes);
  if (Object.values(labels).every((label) => label === undefined)) return [];
  return [...Map.groupBy(cases, ({ volume }) => volume.patient)]
    .filter(([, members]) => members.some(({ volume }) => volume.phase === 'ED' || volume.phase === 'ES'))
    .map(([patient, members]) => {
      const { spacing } = members[0]!.volume;
      const phases = members.map(({ volume, images }) => ({
        phaseIndex: momentOf(volume),
        name: volume.phase,
        voxels: images.length === volume.slices ? totalPixels(images, classes.length) : null,
        reviewed: images.filter(({ item }) => item.source === 'reviewed').length,
        slices: volume.slices,
      }));
      return heartReport(patient, phases, spacing ? [spacing.z, spacing.y, spacing.x] : null, labels);
    });
}

function joined(planes: readonly LabelPlane[]): Uint8Array {
  const size = planes[0]!.data.length;
  const all = new Uint8Array(planes.length * size);
  planes.forEach(({ data }, index) => all.set(data, index * size));
  return all;
}
