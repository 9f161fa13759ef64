// What the masks of a project say of each heart: reviewed masks first, else what the run in use suggests.
import { decodeLabels } from '../../src-core/labels/label-codec.ts';
import type { LabelPlane } from '../../src-core/imaging/plane.ts';
import { cardiacLabels } from '../../src-core/measure/cardiac-report.ts';
import { heartReport, type HeartPhase, type HeartReport } from '../../src-core/measure/heart-report.ts';
import { supervises } from '../../src-core/review/item-state.ts';
import { momentOf } from '../storage/dataset-store.ts';
import { readReading } from '../storage/reading-store.ts';
import { readSuggestion } from '../storage/suggestion-store.ts';
import { findPredictedRun, storedMaps } from './predicted-run.ts';
import type { Project, ProjectItem, ProjectVolume } from './project.ts';
import { reviewedMask } from './reviewed-mask.ts';
import { runInUse } from './run-in-use.ts';

/** The mask of an item that is measured, and whether a person has reviewed it. */
interface MeasuredMask {
  readonly plane: LabelPlane | undefined;
  readonly isReviewed: boolean;
}

type MaskOf = (item: ProjectItem) => MeasuredMask;

/** Which masks are measured: a reader's reviewed ones, the effective ones when absent, and else what a run suggests. */
export interface HeartMasks {
  readonly run?: string | undefined;
  readonly reader?: number;
}

/** Measures every patient, one volume at a time. */
export async function heartsOf(
  project: Project,
  masks: HeartMasks = {},
  onProgress: (done: number, total: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<HeartReport[]> {
  const maskOf = reviewedMasks(project, masks);
  const items = Map.groupBy(project.items, ({ volume }) => volume);
  const patients = Map.groupBy(project.volumes, ({ patient }) => patient);
  const hearts: HeartReport[] = [];
  let done = 0;
  for (const [patient, volumes] of patients) {
    const phases: HeartPhase[] = [];
    for (const volume of volumes) {
      signal?.throwIfAborted();
      phases.push(countPhase(project, volume, items.get(volume.id) ?? [], maskOf));
      done += 1;
      onProgress(done, project.volumes.length);
      await new Promise(setImmediate);
    }
    hearts.push(reportOf(project, patient, volumes, phases));
  }
  return hearts;
}

/** Measures the patient of an item from the masks as a reader sees them: the reader's own, else the suggested ones. */
export async function heartOf(project: Project, item: string, reader: number): Promise<HeartReport> {
  const { patient } = project.place(item).volume;
  const volumes = project.volumes.filter((volume) => volume.patient === patient);
  const maskOf = masksAsSeen(project, reader);
  const phases: HeartPhase[] = [];
  for (const volume of volumes) {
    const items = project.items.filter((each) => each.volume === volume.id);
    phases.push(countPhase(project, volume, items, maskOf));
    // Strokes are stored in between.
    await new Promise(setImmediate);
  }
  return reportOf(project, patient, volumes, phases);
}

function reviewedMasks(project: Project, { run, reader }: HeartMasks): MaskOf {
  const predicted = findPredictedRun(project, run);
  const kind =
    predicted && (storedMaps(project, predicted).labels.includes('segmentation') ? 'segmentation' : 'pseudo');
  return ({ id }) => {
    const own = reviewedMask(project, id, reader);
    const suggested = kind && !own ? project.readLabelMap(id, kind, predicted.id) : undefined;
    return { plane: own ?? suggested, isReviewed: own !== undefined };
  };
}

function masksAsSeen(project: Project, reader: number): MaskOf {
  const run = runInUse(project);
  const runNumber = run === undefined ? undefined : project.runNumber(run);
  return ({ id }) => {
    const number = project.itemNumber(id);
    const { facts, mask } = readReading(project.database, number, reader);
    const suggested = mask || runNumber === undefined ? undefined : readSuggestion(project.database, number, runNumber);
    const stored = mask ?? suggested?.mask;
    return { plane: stored && decodeLabels(stored), isReviewed: mask !== null && supervises(facts.state) };
  };
}

function countPhase(
  project: Project,
  volume: ProjectVolume,
  items: readonly ProjectItem[],
  maskOf: MaskOf,
): HeartPhase {
  const voxels = new Array<number>(project.classes.length).fill(0);
  let [reviewed, masks] = [0, 0];
  for (const item of items) {
    const { plane, isReviewed } = maskOf(item);
    if (isReviewed) reviewed += 1;
    if (!plane) continue;
    masks += 1;
    for (const label of plane.data) if (label > 0 && label <= voxels.length) voxels[label - 1]! += 1;
  }
  const { phase, slices } = volume;
  const isWhole = masks === slices && slices > 0;
  return { phaseIndex: momentOf(volume), name: phase, voxels: isWhole ? voxels : null, reviewed, slices };
}

function reportOf(
  project: Project,
  patient: string,
  volumes: readonly ProjectVolume[],
  phases: readonly HeartPhase[],
): HeartReport {
  const spacing = volumes[0]?.spacing;
  const labels = cardiacLabels(project.classes);
  return heartReport(patient, phases, spacing ? [spacing.z, spacing.y, spacing.x] : null, labels);
}
