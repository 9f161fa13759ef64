// Export: what a project knows, as files that other programs read. manifest.json lists every file with its SHA-256 and
// holds no date and no path of this machine, so that equal projects give equal exports.
import {
  EXPORT_FORMATS,
  exportFormatName,
  type ExportFormatName,
} from '../../../src-core/datasets/formats/export-formats.ts';
import { checkSettings, type SettingValue } from '../../../src-core/datasets/formats/export-options.ts';
import { mapAhead } from '../../../src-core/datasets/map-ahead.ts';
import { explainStorageError } from '../../storage/project-error.ts';
import type { Project } from '../project.ts';
import { UnfitError, type ExportCheck, type ExportPlan, type ExportRequest } from './format.ts';
import { encodeJson } from './file-content.ts';
import { loadFormat } from './formats.ts';
import { beginOutput, checkOutput, MANIFEST, MANIFEST_KIND } from './output-folder.ts';
import { programVersion } from './program-version.ts';

/** Files made and written at once. */
const AHEAD = 4;

/** Where an export goes and how. */
export interface ExportOptions extends ExportRequest {
  readonly format: string;
  /** Options of the format, by name; defaults where absent. */
  readonly settings?: Readonly<Record<string, SettingValue>>;
  readonly directory: string;
  /** Replaces an earlier export in the folder. */
  readonly overwrite?: boolean;
  /** Lists the files and writes none. */
  readonly dryRun?: boolean;
}

/** A file of an export; without bytes and hash on a dry run. */
export interface ExportedFile {
  readonly path: string;
  readonly bytes?: number;
  readonly sha256?: string;
}

/** What an export wrote, or would write. */
export interface ExportSummary {
  readonly format: string;
  readonly directory: string;
  readonly run: string | null;
  readonly written: boolean;
  readonly files: readonly ExportedFile[];
  readonly notes: readonly string[];
  /** What the format cannot hold of this project, counted. */
  readonly losses: readonly string[];
  readonly checks: readonly ExportCheck[];
}

/** Exports a project into a folder. On failure or when `signal` aborts it throws and leaves nothing behind. */
export async function exportProject(
  project: Project,
  options: ExportOptions,
  onProgress: (done: number, total: number, file: string) => void = () => undefined,
  signal?: AbortSignal,
): Promise<ExportSummary> {
  const format = exportFormatName(options.format);
  checkOutput(options.directory, options.overwrite ?? false, {
    project: project.directory,
    source: sourceFolder(project),
  });
  const plan = await planExport(project, format, options).catch((error: unknown) => {
    if (options.dryRun && error instanceof UnfitError) return unfitPlan(error);
    throw error;
  });
  refuseDoubles(plan);
  const { run, notes, losses = [], checks = [] } = plan;
  const summary = { format, directory: options.directory, run, notes, losses };
  if (options.dryRun) return { ...summary, written: false, files: plan.files.map(({ path }) => ({ path })), checks };
  refuseErrors(checks);
  try {
    const written = await writeAll(project, options, plan, onProgress, signal);
    return { ...summary, written: true, ...written };
  } catch (error) {
    throw explainStorageError(error, options.directory);
  }
}

function unfitPlan({ message }: UnfitError): ExportPlan {
  return { run: null, files: [], facts: {}, notes: [], checks: [{ level: 'error', text: message }] };
}

async function planExport<Name extends ExportFormatName>(
  project: Project,
  name: Name,
  options: ExportOptions,
): Promise<ExportPlan> {
  const format = await loadFormat(name);
  return format.plan(project, options, checkSettings(name, EXPORT_FORMATS[name].options, options.settings ?? {}));
}

async function writeAll(
  project: Project,
  { directory, format }: ExportOptions,
  plan: ExportPlan,
  onProgress: (done: number, total: number, file: string) => void,
  signal: AbortSignal | undefined,
): Promise<Pick<ExportSummary, 'files' | 'checks'>> {
  const folder = beginOutput(directory);
  try {
    const files: (ExportedFile & Readonly<Record<string, unknown>>)[] = [];
    const written = mapAhead(plan.files, AHEAD, async ({ path, facts, produce }) => {
      signal?.throwIfAborted();
      return { path, ...(await folder.write(path, produce, signal)), ...facts };
    });
    for await (const file of written) {
      files.push(file);
      onProgress(files.length, plan.files.length, file.path);
    }
    const checks = [
      ...(plan.checks ?? []),
      ...((await plan.verify?.({ paths: folder.paths(), read: folder.read })) ?? []),
    ];
    refuseErrors(checks);
    const manifest = {
      kind: MANIFEST_KIND,
      ...programVersion(),
      format,
      run: plan.run,
      classes: project.classes,
      ...plan.facts,
      notes: plan.notes,
      losses: plan.losses ?? [],
      checks,
      files,
    };
    await folder.write(MANIFEST, () => Promise.resolve(encodeJson(manifest)));
    signal?.throwIfAborted();
    folder.finish();
    return {
      files: files.map(({ path, bytes, sha256 }) => ({ path, bytes: bytes ?? 0, sha256: sha256 ?? '' })),
      checks,
    };
  } finally {
    folder.discard();
  }
}

function refuseErrors(checks: readonly ExportCheck[]): void {
  const errors = checks.filter(({ level }) => level === 'error').map(({ text }) => text);
  if (errors.length > 0) throw new Error(`the export would be refused by the programs it is for: ${errors.join(' ')}`);
}

function sourceFolder(project: Project): string | undefined {
  const summary = project.setting('import');
  if (typeof summary !== 'object' || summary === null || !('source' in summary)) return undefined;
  return typeof summary.source === 'string' ? summary.source : undefined;
}

/** Two items may ask for one name, on file systems that do not tell upper from lower case. */
function refuseDoubles({ files }: ExportPlan): void {
  const seen = new Map<string, string>([[MANIFEST, MANIFEST]]);
  for (const { path } of files) {
    const key = path.toLowerCase().normalize('NFC');
    const earlier = seen.get(key);
    if (earlier !== undefined) throw new Error(`export: two files want one name, ${earlier} and ${path}`);
    seen.set(key, path);
  }
}
