// Masks that come with a source, as what a person says they are: reviewed already, a start for the review, or truth to measure with.
import type { FoundVolume } from '../../src-core/datasets/importer.ts';
import { toLabels } from '../../src-core/datasets/truth-labels.ts';
import { decodeLabels, encodeLabels } from '../../src-core/labels/label-codec.ts';
import { addAudit } from '../storage/audit-store.ts';
import type { SourceRecord } from '../storage/dataset-store.ts';
import { READER, writeReading } from '../storage/reading-store.ts';
import { TRUTH, type Project, type RunRecord } from './project.ts';
import { SourceDecoder } from './source-decoder.ts';

/**
 * What masks of a source are for. `reviewed`: accepted, they supervise training. `start`: suggested, they wait for review.
 * `truth`: they serve to measure and nothing learns from them.
 */
export type MaskUse = 'reviewed' | 'start' | 'truth';

/** Kind of run that stands for masks a source came with. */
const IMPORTED_MASKS = 'imported-masks';

/** One volume is decoded at a time; this holds any. */
const CACHE_BYTES = 64 * 2 ** 20;

/** Masks by slice, as stored (label-codec.ts); undefined for slices without one. */
type StoredMasks = readonly (Uint8Array | undefined)[];

/** Whether a run, by its row number, stands for masks that the source came with. */
export function isImported(project: Project, run: number): boolean {
  const row = project.database.prepare(`SELECT configuration ->> 'kind' AS kind FROM runs WHERE number = ?`).get(run);
  return row?.['kind'] === IMPORTED_MASKS;
}

/** The runs that were trained, oldest first. */
export function trainedRuns(project: Project): RunRecord[] {
  return project.runs().filter(({ id }) => !isImported(project, project.runNumber(id)));
}

/** A suggestion as people are told of it; its kind is `imported` where it came with the source. */
export function originOf(project: Project, { run, kind }: { readonly run: number; readonly kind: string }): Origin {
  return { run: project.runId(run), kind: isImported(project, run) ? 'imported' : kind };
}

interface Origin {
  readonly run: string;
  readonly kind: string;
}

/** Stores the masks of a source in the project that is made of it. The caller holds a transaction. */
export class ImportedMasks {
  readonly use: MaskUse;
  private readonly project: Project;
  private readonly decoder: SourceDecoder;
  private run: string | undefined;
  private stored = 0;

  constructor(project: Project, directory: string, use: MaskUse) {
    this.project = project;
    this.decoder = new SourceDecoder(directory, CACHE_BYTES);
    this.use = use;
  }

  /** Masks of a volume that have to be stored; undefined where there are none, or where truth stays in its file. */
  async read(volume: FoundVolume, truth: SourceRecord | undefined): Promise<StoredMasks | undefined> {
    if (volume.items.some(({ mask }) => mask)) return volume.items.map(({ mask }) => mask);
    if (!volume.truth || !truth || this.use === 'truth') return undefined;
    const { width, height } = volume;
    const place = { width, height, truth: { ...volume.truth, source: truth } };
    const masks: Uint8Array[] = [];
    for (const { slice } of volume.items) {
      const values = (await this.decoder.truth(place, slice))!; // there is truth
      masks.push(encodeLabels(toLabels(values, width, height, volume.truth.values)));
    }
    return masks;
  }

  /** Stores masks of a volume's items. */
  write(volume: FoundVolume, numbers: readonly number[], masks: StoredMasks | undefined): void {
    masks?.forEach((mask, index) => {
      if (!mask) return;
      this.stored += 1;
      if (this.use === 'reviewed') this.writeReviewed(volume, numbers[index]!, mask);
      else if (this.use === 'start') this.writeSuggested(volume.items[index]!.id, mask);
      else this.project.writeLabelMap(volume.items[index]!.id, TRUTH, decodeLabels(mask));
    });
  }

  /** Notes that the masks came with the source. */
  finish(): void {
    if (this.stored === 0) return;
    if (this.run !== undefined) this.project.updateRun(this.run, 'finished');
    const detail = { use: this.use, masks: this.stored };
    const at = new Date().toISOString();
    addAudit(this.project.database, { at, annotator: '', action: 'import masks', item: null, detail });
  }

  /** A mask that did not begin as a suggestion began empty. */
  private writeReviewed({ width, height }: FoundVolume, item: number, mask: Uint8Array): void {
    const at = new Date().toISOString();
    const facts = { state: 'accepted', reason: '', base: null, annotator: '', at, adjudicated: null } as const;
    const base = encodeLabels({ width, height, data: new Uint8Array(width * height) });
    writeReading(this.project.database, item, READER.effective, { facts, mask, base });
  }

  /** Review shows what a run suggests, so the masks are those of a run of their own. */
  private writeSuggested(item: string, mask: Uint8Array): void {
    this.run ??= this.project.createRun({ kind: IMPORTED_MASKS });
    const prediction = { score: null, labels: { segmentation: decodeLabels(mask) }, values: {} };
    this.project.writePrediction(this.run, item, prediction);
  }
}
