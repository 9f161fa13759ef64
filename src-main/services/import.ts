// Import: a source folder becomes a project. The project is built in a folder beside its place and moved there
// when it is whole, so a failure at any point leaves nothing behind; the source is only read.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { acdcImporter } from '../../src-core/datasets/acdc.ts';
import type { DatasetFiles, FoundVolume, Importer, ScanEvent, ScanOptions } from '../../src-core/datasets/importer.ts';
import { DEFAULT_SPLIT, splitGroups, type Group, type Split, type SplitRule } from '../../src-core/datasets/split.ts';
import { countClasses, learnability, type ClassCount } from '../../src-core/review/tag.ts';
import { holdsProject } from '../storage/database.ts';
import { DatasetWriter, type SourceRecord } from '../storage/dataset-store.ts';
import { explainStorageError, ProjectError } from '../storage/project-error.ts';
import { openDatasetFolder } from './dataset-folder.ts';
import { Project } from './project.ts';

/** Importers that `format` may name, the most particular first. */
export const IMPORTERS: readonly Importer[] = [acdcImporter];

/** What a person may ask of an import. */
export interface ImportOptions extends ScanOptions {
  /** Name of an importer; detected when absent. */
  readonly format?: string;
  readonly split?: SplitRule;
}

/** How far an import has come. */
export interface ImportProgress {
  readonly done: number;
  readonly total: number;
  readonly file: string;
}

/** What an import found and made. */
export interface ImportSummary {
  readonly format: string;
  readonly why: string;
  readonly classes: readonly string[];
  readonly patients: number;
  readonly volumes: number;
  readonly items: number;
  /** Volumes by phase name, such as ED and ES; empty name: none. */
  readonly phases: Readonly<Record<string, number>>;
  /** Patients on each side. */
  readonly splits: Readonly<Record<Split, number>>;
  readonly tags: number;
  readonly taggedItems: number;
  /** Tags that show each class and tags that do not. */
  readonly classCounts: readonly ClassCount[];
  /** Volumes with evaluation truth. */
  readonly masks: number;
  /** Volumes whose voxel spacing is unknown. */
  readonly withoutSpacing: number;
  readonly warnings: readonly { readonly file: string; readonly message: string }[];
  readonly refused: readonly { readonly file: string; readonly expected: string; readonly found: string }[];
}

/** Imports a source folder into a new project and tells what was found and refused. */
export async function importDataset(
  source: string,
  directory: string,
  options: ImportOptions = {},
  onProgress: (progress: ImportProgress) => void = () => undefined,
  signal?: AbortSignal,
): Promise<ImportSummary> {
  const root = resolve(source);
  const target = resolve(directory);
  checkPlaces(root, target);
  const files = openDatasetFolder(root);
  const { importer, why } = await chooseImporter(files, root, options.format);
  const temporary = join(dirname(target), `.${target.split('/').pop() ?? 'project'}.importing-${process.pid}`);
  try {
    mkdirSync(temporary, { recursive: true });
    const build = new ImportBuild(root, target, temporary, importer.format, why);
    try {
      for await (const event of importer.scan(files, options)) {
        signal?.throwIfAborted();
        build.take(event, onProgress);
      }
      const summary = build.finish(options.split ?? DEFAULT_SPLIT);
      build.close();
      if (existsSync(target)) rmSync(target, { recursive: true });
      renameSync(temporary, target);
      return summary;
    } finally {
      build.close();
    }
  } catch (error) {
    throw explainStorageError(error, dirname(target));
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Collects scan events into a project under construction. */
class ImportBuild {
  private readonly root: string;
  private readonly target: string;
  private readonly temporary: string;
  private readonly format: string;
  private readonly why: string;
  private project: Project | undefined;
  private writer: DatasetWriter | undefined;
  private steps = 0;
  private readonly groups = new Map<string, Group>();
  private readonly phases: Record<string, number> = {};
  private readonly warnings: { file: string; message: string }[] = [];
  private readonly refused: { file: string; expected: string; found: string }[] = [];
  private counts = { volumes: 0, items: 0, masks: 0, withoutSpacing: 0 };

  constructor(root: string, target: string, temporary: string, format: string, why: string) {
    this.root = root;
    this.target = target;
    this.temporary = temporary;
    this.format = format;
    this.why = why;
  }

  take(event: ScanEvent, onProgress: (progress: ImportProgress) => void): void {
    switch (event.kind) {
      case 'plan':
        this.begin(event.classes);
        this.steps = event.steps;
        break;
      case 'volume':
        this.addVolume(event.volume);
        break;
      case 'warning':
        this.warnings.push({ file: event.file, message: event.message });
        break;
      case 'refused':
        this.refused.push({ file: event.file, expected: event.expected, found: event.found });
        break;
      case 'step':
        onProgress({ done: event.done, total: this.steps, file: event.file });
        break;
    }
  }

  /** Splits the patients, commits and sums up. */
  finish(rule: SplitRule): ImportSummary {
    const { project, writer } = this;
    if (!project || !writer || this.counts.items === 0) {
      const first = this.refused[0];
      const why = first
        ? `; the first of ${this.refused.length} refusals: ${first.file}: expected ${first.expected}, found ${first.found}`
        : '';
      throw new Error(`${this.root}: nothing to import as ${this.format}${why}`);
    }
    const splits = splitGroups([...this.groups.values()], rule);
    writer.setSplits(splits);
    const tags = project.tags();
    const classCounts = countClasses(
      tags.map((tag) => tag.present),
      project.classes.length,
    );
    project.classes.forEach((name, index) => {
      const doubt = learnability(name, classCounts[index] ?? { positive: 0, negative: 0 });
      if (doubt !== undefined) this.warnings.push({ file: '', message: doubt });
    });
    const sides: Record<Split, number> = { train: 0, validation: 0, test: 0 };
    for (const side of splits.values()) sides[side] += 1;
    const summary: ImportSummary = {
      format: this.format,
      why: this.why,
      classes: project.classes,
      patients: this.groups.size,
      ...this.counts,
      phases: this.phases,
      splits: sides,
      tags: tags.length,
      taggedItems: new Set(tags.map((tag) => tag.item)).size,
      classCounts,
      warnings: this.warnings,
      refused: this.refused,
    };
    project.setSetting('import', { source: this.root, split: rule, ...summary });
    project.database.exec('COMMIT');
    return summary;
  }

  close(): void {
    this.project?.close();
    this.project = undefined;
  }

  private begin(classes: readonly string[]): void {
    this.project = Project.create(this.temporary, classes);
    this.project.database.exec('BEGIN IMMEDIATE');
    this.writer = new DatasetWriter(this.project.database);
  }

  private addVolume(volume: FoundVolume): void {
    if (!this.writer) throw new Error('volume: expected a plan before the first volume');
    const truth = volume.truth ? this.record(volume.truth.file, volume.truth.kind) : undefined;
    this.writer.add(volume, this.record(volume.file, volume.kind), truth);
    const known = this.groups.get(volume.patient);
    this.groups.set(
      volume.patient,
      known ?? { name: volume.patient, ...(volume.split ? { given: volume.split } : {}) },
    );
    this.phases[volume.phase] = (this.phases[volume.phase] ?? 0) + 1;
    this.counts.volumes += 1;
    this.counts.items += volume.items.length;
    if (truth) this.counts.masks += 1;
    if (!volume.spacing) this.counts.withoutSpacing += 1;
  }

  private record(file: string, kind: 'nifti' | 'raster'): SourceRecord {
    const absolutePath = join(this.root, file);
    const { size, mtimeMs } = statSync(absolutePath);
    return { relativePath: relative(this.target, absolutePath), absolutePath, size, modified: mtimeMs, kind };
  }
}

async function chooseImporter(
  files: DatasetFiles,
  root: string,
  format: string | undefined,
): Promise<{ importer: Importer; why: string }> {
  if (format !== undefined) {
    const importer = IMPORTERS.find((candidate) => candidate.format === format);
    if (!importer)
      throw new Error(`format: expected one of ${IMPORTERS.map((i) => i.format).join(', ')}, got "${format}"`);
    return { importer, why: 'asked for' };
  }
  const listed = await files.list();
  const detected = IMPORTERS.map((importer) => ({ importer, ...importer.detect(listed) }));
  const best = detected.reduce((a, b) => (b.confidence > a.confidence ? b : a));
  if (best.confidence > 0) return best;
  const reasons = detected.map(({ importer, why }) => `  ${importer.format}: ${why}`).join('\n');
  throw new Error(`${root}: ${listed.length} files, in no format known here\n${reasons}`);
}

function checkPlaces(root: string, target: string): void {
  if (!existsSync(root) || !statSync(root).isDirectory()) throw new Error(`source: expected a folder, got ${root}`);
  if (!existsSync(target)) return;
  if (holdsProject(target)) {
    throw new ProjectError('already-a-project', `${target} is a project already; import into another folder.`);
  }
  if (readdirSync(target).length > 0) {
    throw new ProjectError('already-a-project', `${target} is not empty; import into a new folder.`);
  }
}
