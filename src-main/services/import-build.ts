// A project under construction: takes what a scan finds, one event at a time, and sums it up.
import {
  chooseClassesOf,
  mapClasses,
  type ClassChoice,
  type ClassMapping,
} from '../../src-core/datasets/class-choice.ts';
import type { FoundVolume, ScanEvent, SourceKind } from '../../src-core/datasets/importer.ts';
import { ScanTally, type ScanSummary } from '../../src-core/datasets/scan-tally.ts';
import { DEFAULT_SPLIT, splitGroups, type Split, type SplitRule } from '../../src-core/datasets/split.ts';
import { DatasetWriter, type ProjectPart, type SourceRecord } from '../storage/dataset-store.ts';
import { Project } from './project.ts';
import { ImportedMasks, type MaskUse } from './imported-masks.ts';
import { recordSource } from './source-files.ts';
import { CLASS_COLOURS } from './studio/project-facts.ts';

/** What a person decides about the project to make. */
export interface ProjectChoices {
  readonly split?: SplitRule;
  /** What masks that came with the source are for; `truth` when absent. */
  readonly masks?: MaskUse;
  /** Classes of the project; all that were found, as they are called there, when absent. */
  readonly chosenClasses?: readonly ClassChoice[];
}

/** What an import found and made. */
export interface ImportSummary extends ScanSummary {
  readonly format: string;
  /** Why the folder was taken to be in this format. */
  readonly why: string;
  /** Patients on each side. */
  readonly splits: Readonly<Record<Split, number>>;
  /** What the masks of the source became. */
  readonly maskUse: MaskUse;
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
  private readonly choices: ProjectChoices;
  private readonly tally = new ScanTally();
  private readonly sources = new Map<string, SourceRecord>();
  private mapping: ClassMapping | undefined;
  private project: Project | undefined;
  private writer: DatasetWriter | undefined;
  private masks: ImportedMasks | undefined;

  constructor(places: ImportPlaces, choices: ProjectChoices) {
    this.places = places;
    this.choices = choices;
  }

  /** Takes in what a scan found. */
  async take(event: ScanEvent): Promise<void> {
    if (event.kind === 'plan') {
      const mapping = this.choices.chosenClasses && mapClasses(event.classes, this.choices.chosenClasses);
      this.mapping = mapping;
      this.begin({ ...event, classes: mapping?.classes ?? event.classes });
    } else if (event.kind === 'volume') {
      await this.addVolume(this.mapping ? chooseClassesOf(event.volume, this.mapping) : event.volume);
    } else this.tally.take(event);
  }

  /** Splits the patients, commits and sums up. Throws when nothing usable was found. */
  finish(format: string, why: string): ImportSummary {
    const { project, writer, masks, tally, choices } = this;
    const empty = tally.explainEmpty(format);
    if (!project || !writer || !masks || empty !== undefined)
      throw new Error(`${this.places.root}: ${empty ?? 'no plan'}`);
    const rule = choices.split ?? DEFAULT_SPLIT;
    const sides = splitGroups(tally.groups, rule);
    writer.setSplits(sides);
    const splits: Record<Split, number> = { train: 0, validation: 0, test: 0 };
    for (const side of sides.values()) splits[side] += 1;
    masks.finish();
    const summary: ImportSummary = { format, why, ...tally.summary(), splits, maskUse: masks.use };
    if (this.mapping?.colours) project.setSetting(CLASS_COLOURS, this.mapping.colours);
    project.setSetting('import', { source: this.places.root, split: rule, ...summary });
    project.database.exec('COMMIT');
    return summary;
  }

  /** Closes the database, whether the import came to its end or not. */
  close(): void {
    this.project?.close();
    this.project = undefined;
  }

  private begin(plan: Extract<ScanEvent, { kind: 'plan' }>): void {
    if (plan.classes.length === 0) {
      throw new Error(
        'labels: expected class folders, a table of labels or masks, found only images; name the classes to tag them with' +
          this.tally.firstRefusals(),
      );
    }
    this.tally.take(plan);
    this.project = Project.create(this.places.temporary, plan.classes);
    this.project.database.exec('BEGIN IMMEDIATE');
    this.writer = new DatasetWriter(this.project.database);
    this.masks = new ImportedMasks(this.project, this.places.target, this.choices.masks ?? 'truth');
  }

  private async addVolume(volume: FoundVolume): Promise<void> {
    if (!this.writer || !this.masks) throw new Error('volume: expected a plan before the first volume');
    const truth = volume.truth ? await this.record(volume.truth.file, volume.truth.kind) : undefined;
    const parts: ProjectPart[] = [];
    for (const { file, frame } of volume.parts ?? []) {
      parts.push({ source: await this.record(file, volume.kind), frame });
    }
    const masks = await this.masks.read(volume, truth);
    const stored = { ...volume, truth: masks ? null : volume.truth };
    const source = await this.record(volume.file, volume.kind);
    const numbers = this.writer.add(stored, { source, truth: masks ? undefined : truth, parts });
    this.masks.write(volume, numbers, masks);
    this.tally.take({ kind: 'volume', volume });
  }

  private async record(file: string, kind: SourceKind): Promise<SourceRecord> {
    const known = this.sources.get(file);
    if (known) return known;
    const source = await recordSource(this.places.target, this.places.root, file, kind);
    if (this.sources.size >= REMEMBERED_SOURCES) this.sources.clear();
    this.sources.set(file, source);
    return source;
  }
}
