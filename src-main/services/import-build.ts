// A project under construction: takes what a scan finds, one event at a time, and sums it up.
import type { FoundVolume, ScanEvent } from '../../src-core/datasets/importer.ts';
import { splitGroups, type Group, type Split, type SplitRule } from '../../src-core/datasets/split.ts';
import { countClasses, learnability, type ClassCount } from '../../src-core/review/tag.ts';
import { DatasetWriter, type SourceRecord } from '../storage/dataset-store.ts';
import { Project } from './project.ts';
import { recordSource } from './source-files.ts';

/** What an import found and made. */
export interface ImportSummary {
  readonly format: string;
  /** Why the format was taken for this one. */
  readonly why: string;
  readonly classes: readonly string[];
  readonly patients: number;
  readonly volumes: number;
  readonly items: number;
  /** Volumes by phase name, such as ED and ES; the empty name is "none". */
  readonly phases: Readonly<Record<string, number>>;
  /** Patients on each side. */
  readonly splits: Readonly<Record<Split, number>>;
  readonly tags: number;
  readonly taggedItems: number;
  /** For each class, the tags that show it and those that do not. */
  readonly classCounts: readonly ClassCount[];
  /** Volumes with evaluation truth. */
  readonly masks: number;
  /** Volumes whose voxel spacing is unknown. */
  readonly withoutSpacing: number;
  readonly warnings: readonly ImportWarning[];
  readonly refused: readonly ImportRefusal[];
}

/** A doubt about a file; an empty name means the whole data set. */
export interface ImportWarning {
  readonly file: string;
  readonly message: string;
}

/** A file (or line of a table) that was left out. */
export interface ImportRefusal {
  readonly file: string;
  readonly expected: string;
  readonly found: string;
}

/** Where an import reads and writes. */
export interface ImportPlaces {
  /** Source folder. */
  readonly root: string;
  /** Where the project will be. */
  readonly target: string;
  /** Where it is built. */
  readonly temporary: string;
}

/** Records kept for volumes that share a file. */
const REMEMBERED_SOURCES = 64;

/** Collects scan events into a new project, in one transaction. */
export class ImportBuild {
  private readonly places: ImportPlaces;
  private project: Project | undefined;
  private writer: DatasetWriter | undefined;
  private readonly groups = new Map<string, Group>();
  private readonly sources = new Map<string, SourceRecord>();
  private readonly phases: Record<string, number> = {};
  /** By file and message: each frame of a 4-D file would say the same of it. */
  private readonly warnings = new Map<string, ImportWarning>();
  private readonly refused: ImportRefusal[] = [];
  private counts = { volumes: 0, items: 0, masks: 0, withoutSpacing: 0 };

  constructor(places: ImportPlaces) {
    this.places = places;
  }

  /** Takes in what a scan found. */
  async take(event: ScanEvent): Promise<void> {
    switch (event.kind) {
      case 'plan':
        this.project = Project.create(this.places.temporary, event.classes);
        this.project.database.exec('BEGIN IMMEDIATE');
        this.writer = new DatasetWriter(this.project.database);
        return;
      case 'volume':
        return this.addVolume(event.volume);
      case 'warning':
        this.warn(event.file, event.message);
        return;
      case 'refused':
        this.refused.push({ file: event.file, expected: event.expected, found: event.found });
        return;
      case 'step':
        return;
    }
  }

  /** Splits the patients, commits and sums up. Throws when nothing usable was found. */
  finish(rule: SplitRule, format: string, why: string): ImportSummary {
    const { project, writer } = this;
    if (!project || !writer || this.counts.items === 0) throw new Error(this.explainEmpty(format));
    const splits = splitGroups([...this.groups.values()], rule);
    writer.setSplits(splits);
    const sides: Record<Split, number> = { train: 0, validation: 0, test: 0 };
    for (const side of splits.values()) sides[side] += 1;
    const summary: ImportSummary = {
      format,
      why,
      classes: project.classes,
      patients: this.groups.size,
      ...this.counts,
      phases: this.phases,
      splits: sides,
      ...this.countTags(project),
      warnings: [...this.warnings.values()],
      refused: this.refused,
    };
    project.setSetting('import', { source: this.places.root, split: rule, ...summary });
    project.database.exec('COMMIT');
    return summary;
  }

  /** Closes the database, whether the import came to its end or not. */
  close(): void {
    this.project?.close();
    this.project = undefined;
  }

  /** Counts tags and warns of classes that cannot be learned from them. */
  private countTags(project: Project): Pick<ImportSummary, 'tags' | 'taggedItems' | 'classCounts'> {
    const tags = project.tags();
    const presences = tags.map((tag) => tag.present);
    const classCounts = countClasses(presences, project.classes.length);
    const doubts = project.classes.map((name, index) =>
      learnability(name, classCounts[index] ?? { positive: 0, negative: 0 }),
    );
    for (const message of new Set(doubts)) if (message !== undefined) this.warn('', message);
    return { tags: tags.length, taggedItems: new Set(tags.map((tag) => tag.item)).size, classCounts };
  }

  private warn(file: string, message: string): void {
    this.warnings.set(`${file}\n${message}`, { file, message });
  }

  private async addVolume(volume: FoundVolume): Promise<void> {
    if (!this.writer) throw new Error('volume: expected a plan before the first volume');
    const truth = volume.truth ? await this.record(volume.truth.file, volume.truth.kind) : undefined;
    this.writer.add(volume, await this.record(volume.file, volume.kind), truth);
    if (!this.groups.has(volume.patient)) {
      this.groups.set(volume.patient, { name: volume.patient, ...(volume.split ? { given: volume.split } : {}) });
    }
    this.phases[volume.phase] = (this.phases[volume.phase] ?? 0) + 1;
    this.counts.volumes += 1;
    this.counts.items += volume.items.length;
    if (truth) this.counts.masks += 1;
    if (!volume.spacing) this.counts.withoutSpacing += 1;
  }

  private async record(file: string, kind: 'nifti' | 'raster'): Promise<SourceRecord> {
    const known = this.sources.get(file);
    if (known) return known;
    const source = await recordSource(this.places.target, this.places.root, file, kind);
    if (this.sources.size >= REMEMBERED_SOURCES) this.sources.clear();
    this.sources.set(file, source);
    return source;
  }

  private explainEmpty(format: string): string {
    const refusals = this.refused.slice(0, 5).map((r) => `\n  ${r.file}: expected ${r.expected}, found ${r.found}`);
    const more = this.refused.length > 5 ? `\n  and ${this.refused.length - 5} more` : '';
    return `${this.places.root}: nothing to import as ${format}${refusals.join('')}${more}`;
  }
}
