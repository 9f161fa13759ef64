// Which mask of which item is exported.
import { counted } from '../../../src-core/datasets/counted.ts';
import { IGNORE, type LabelPlane } from '../../../src-core/imaging/plane.ts';
import { ITEM_STATES, supervises } from '../../../src-core/review/item-state.ts';
import { findPredictedRun, needPredictedRun, storedMaps, type PredictedRun } from '../predicted-run.ts';
import { REVIEWED, type Project, type ProjectItem, type ProjectVolume, type ValueMap } from '../project.ts';
import { UnfitError, type ExportRequest, type MaskSource } from './format.ts';

/** States that are exported unless a person asks for others: a rejected or flagged mask is not to be used. */
const DEFAULT_STATES: readonly ProjectItem['state'][] = ['pending', 'accepted', 'corrected'];

const UNCERTAIN_ABOVE = 0.5;

/** An item and where its mask comes from. */
export interface SelectedItem {
  readonly item: ProjectItem;
  readonly source: Exclude<MaskSource, 'best'>;
}

/** A volume and its items to export, by slice; some slices may be absent. */
export interface SelectedVolume {
  readonly volume: ProjectVolume;
  readonly items: readonly SelectedItem[];
}

/** The chosen masks of a project. */
export interface MaskSelection {
  readonly run: string | null;
  readonly volumes: readonly SelectedVolume[];
  /** What was left out and why, in sentences. */
  readonly notes: readonly string[];
  /** Label ids of the project, with 255 where the request leaves pixels open. */
  mask(selected: SelectedItem): LabelPlane;
  /** Whether the run has predicted the item. */
  hasPrediction(item: string): boolean;
  /** Uncertainty, 0..1, of the item as a whole; undefined where it was not predicted. */
  score(item: string): number | undefined;
  /** Whether the run has one of the item. */
  hasUncertainty(item: string): boolean;
  uncertainty(item: string): ValueMap | undefined;
}

/** Chooses what an export holds. Throws where nothing is left. */
export function selectMasks(project: Project, request: ExportRequest): MaskSelection {
  const source = request.source ?? 'best';
  const states = request.states ?? DEFAULT_STATES;
  const run = runOf(project, request, source);
  const kind = run && kindOf(project, run, source);
  const hasUncertainty = run !== undefined && storedMaps(project, run).values.includes('uncertainty');
  const inSplit = project.items.filter(({ split }) => request.split === undefined || split === request.split);
  const wanted = inSplit.filter(({ state }) => states.includes(state));
  const selected = wanted.flatMap((item): SelectedItem[] => {
    const from = sourceOf(project, item, source, run, kind);
    return from === undefined ? [] : [{ item, source: from }];
  });
  const notes = [
    ...notesOnStates(inSplit, states),
    ...notesOnMasks(selected, wanted.length),
    ...notesOnIgnored(request, selected),
  ];
  if (selected.length === 0) {
    throw new UnfitError(
      `nothing to export: of ${counted(inSplit.length, 'image')} none has a ${source} mask. ${notes.join(' ')}`.trim(),
    );
  }
  const uncertainty = (item: string): ValueMap | undefined =>
    run?.items.has(item) ? project.readPrediction(run.id, item)?.values['uncertainty'] : undefined;
  const byVolume = Map.groupBy(selected, ({ item }) => item.volume);
  return {
    run: run?.id ?? null,
    notes,
    volumes: project.volumes.flatMap((volume): SelectedVolume[] => {
      const items = byVolume.get(volume.id);
      return items ? [{ volume, items: items.sort((a, b) => a.item.slice - b.item.slice) }] : [];
    }),
    mask: (each) => withIgnored(readMask(project, each, run), each, request, uncertainty),
    hasPrediction: (item) => run?.items.has(item) ?? false,
    score: (item) => (run?.items.has(item) ? (project.readPrediction(run.id, item)?.score ?? undefined) : undefined),
    hasUncertainty: (item) => hasUncertainty && run.items.has(item),
    uncertainty,
  };
}

/** A mask with 255 where the request does not trust it; what a person reviewed is always trusted. */
function withIgnored(
  mask: LabelPlane,
  { item, source }: SelectedItem,
  { ignore = 'none', uncertainAbove = UNCERTAIN_ABOVE }: ExportRequest,
  uncertainty: MaskSelection['uncertainty'],
): LabelPlane {
  if (ignore === 'none' || source === REVIEWED) return mask;
  if (ignore === 'unreviewed') return { ...mask, data: new Uint8Array(mask.data.length).fill(IGNORE) };
  const map = uncertainty(item.id);
  if (!map)
    throw new Error(`ignore uncertain: ${item.id} has no uncertainty map; predict it again, or choose unreviewed`);
  return { ...mask, data: mask.data.map((label, i) => (map.data[i]! > uncertainAbove ? IGNORE : label)) };
}

/** How many slices of each source: { reviewed: 3, segmentation: 7 }. */
export function countSources(items: readonly SelectedItem[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { source } of items) counts[source] = (counts[source] ?? 0) + 1;
  return counts;
}

function runOf(project: Project, request: ExportRequest, source: MaskSource): PredictedRun | undefined {
  if (source === 'best' || source === REVIEWED) return findPredictedRun(project, request.run);
  return needPredictedRun(project, request.run);
}

/** The run's map that is meant: the one asked for, or its segmentation where it has one, else its pseudo mask. */
function kindOf(project: Project, run: PredictedRun, source: MaskSource): Exclude<MaskSource, 'best'> | undefined {
  if (source === REVIEWED) return undefined;
  const stored = storedMaps(project, run).labels;
  if (source === 'best') return stored.includes('segmentation') ? 'segmentation' : 'pseudo';
  if (stored.includes(source)) return source;
  throw new Error(`source ${source}: ${run.id} has stored ${stored.join(', ') || 'no masks'}`);
}

function sourceOf(
  project: Project,
  item: ProjectItem,
  source: MaskSource,
  run: PredictedRun | undefined,
  kind: Exclude<MaskSource, 'best'> | undefined,
): SelectedItem['source'] | undefined {
  const mayBeReviewed = source === 'best' || source === REVIEWED;
  if (mayBeReviewed && supervises(item.state) && project.readLabelMap(item.id, REVIEWED)) return REVIEWED;
  return run?.items.has(item.id) ? kind : undefined;
}

function readMask(project: Project, { item, source }: SelectedItem, run: PredictedRun | undefined): LabelPlane {
  const mask =
    source === REVIEWED ? project.readLabelMap(item.id, source) : project.readLabelMap(item.id, source, run?.id);
  if (!mask) throw new Error(`${item.id}: ${run?.id ?? 'the project'} has no ${source} mask of it; predict it again`);
  if (mask.width === item.width && mask.height === item.height) return mask;
  const [expected, got] = [item, mask].map(({ width, height }) => `${width} x ${height}`);
  throw new Error(`${item.id}: expected a ${source} mask of ${expected} pixels, got ${got}`);
}

function notesOnStates(items: readonly ProjectItem[], states: readonly ProjectItem['state'][]): string[] {
  const counts = ITEM_STATES.filter((state) => !states.includes(state))
    .map((state) => ({ state, count: items.filter((item) => item.state === state).length }))
    .filter(({ count }) => count > 0);
  if (counts.length === 0) return [];
  return [`Left out by state: ${counts.map(({ state, count }) => `${count} ${state}`).join(', ')}.`];
}

function notesOnMasks(selected: readonly SelectedItem[], wanted: number): string[] {
  const missing = wanted - selected.length;
  const sources = Object.entries(countSources(selected)).map(([source, count]) => `${count} ${source}`);
  return [
    ...(sources.length > 0 ? [`Masks: ${sources.join(', ')}.`] : []),
    ...(missing > 0 ? [`Left out: ${counted(missing, 'image')} without such a mask.`] : []),
  ];
}

function notesOnIgnored(
  { ignore = 'none', uncertainAbove = UNCERTAIN_ABOVE }: ExportRequest,
  selected: readonly SelectedItem[],
): string[] {
  if (ignore === 'none') return [];
  const unreviewed = selected.filter(({ source }) => source !== REVIEWED).length;
  const where = ignore === 'unreviewed' ? '' : ` where their uncertainty is above ${uncertainAbove}`;
  return [`Not decided${where}: ${counted(unreviewed, 'image')} that nobody reviewed.`];
}
