// What the masks of a project say of each heart: reviewed masks first, else what the run in use suggests.
import { cardiacLabels } from '../../src-core/measure/cardiac-report.ts';
import { heartReport, type HeartPhase, type HeartReport } from '../../src-core/measure/heart-report.ts';
import { supervises } from '../../src-core/review/item-state.ts';
import { findPredictedRun, storedMaps } from './predicted-run.ts';
import { REVIEWED, type Project, type ProjectItem, type ProjectVolume } from './project.ts';

/** Measures every patient, one volume at a time. */
export async function heartsOf(
  project: Project,
  run: string | undefined,
  onProgress: (done: number, total: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<HeartReport[]> {
  const predicted = findPredictedRun(project, run);
  const kind =
    predicted && (storedMaps(project, predicted).labels.includes('segmentation') ? 'segmentation' : 'pseudo');
  const items = Map.groupBy(project.items, ({ volume }) => volume);
  const labels = cardiacLabels(project.classes);
  const patients = Map.groupBy(project.volumes, ({ patient }) => patient);
  const hearts: HeartReport[] = [];
  let done = 0;
  for (const [patient, volumes] of patients) {
    const phases: HeartPhase[] = [];
    for (const volume of volumes) {
      signal?.throwIfAborted();
      phases.push(countPhase(project, volume, items.get(volume.id) ?? [], predicted?.id, kind));
      done += 1;
      onProgress(done, project.volumes.length);
      await new Promise(setImmediate);
    }
    const spacing = volumes[0]?.spacing;
    hearts.push(heartReport(patient, phases, spacing ? [spacing.z, spacing.y, spacing.x] : null, labels));
  }
  return hearts;
}

function countPhase(
  project: Project,
  { phaseIndex, phase, slices }: ProjectVolume,
  items: readonly ProjectItem[],
  run: string | undefined,
  kind: string | undefined,
): HeartPhase {
  const voxels = new Array<number>(project.classes.length).fill(0);
  let [reviewed, masks] = [0, 0];
  for (const { id, state } of items) {
    const own = supervises(state) ? project.readLabelMap(id, REVIEWED) : undefined;
    const mask = own ?? (run !== undefined && kind !== undefined ? project.readLabelMap(id, kind, run) : undefined);
    if (own) reviewed += 1;
    if (!mask) continue;
    masks += 1;
    for (const label of mask.data) if (label > 0 && label <= voxels.length) voxels[label - 1]! += 1;
  }
  return { phaseIndex, name: phase, voxels: masks === slices && slices > 0 ? voxels : null, reviewed, slices };
}
