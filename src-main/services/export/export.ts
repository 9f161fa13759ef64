// Export: what a project knows, as files that other programs read. manifest.json lists every file with its SHA-256 and
// holds no date and no path of this machine, so that equal projects give equal exports.
import { createHash } from 'node:crypto';
import { explainStorageError } from '../../storage/project-error.ts';
import type { Project } from '../project.ts';
import type { ExportPlan, ExportRequest } from './format.ts';
import { loadFormat } from './formats.ts';
import { beginOutput, checkOutput, MANIFEST, MANIFEST_KIND } from './output-folder.ts';
import { programVersion } from './program-version.ts';

/** Where an export goes and how. */
export interface ExportOptions extends ExportRequest {
  readonly format: string;
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
}

/** Exports a project into a folder. On failure or when `signal` aborts it throws and leaves nothing behind. */
export async function exportProject(
  project: Project,
  options: ExportOptions,
  onProgress: (done: number, total: number, file: string) => void = () => undefined,
  signal?: AbortSignal,
): Promise<ExportSummary> {
  const format = await loadFormat(options.format);
  checkOutput(options.directory, options.overwrite ?? false, {
    project: project.directory,
    source: sourceFolder(project),
  });
  const plan = await format.plan(project, options);
  refuseDoubles(plan);
  const summary = { format: format.name, directory: options.directory, run: plan.run, notes: plan.notes };
  if (options.dryRun) return { ...summary, written: false, files: plan.files.map(({ path }) => ({ path })) };
  try {
    const files = await writeAll(project, options, plan, onProgress, signal);
    return { ...summary, written: true, files };
  } catch (error) {
    throw explainStorageError(error, options.directory);
  }
}

async function writeAll(
  project: Project,
  { directory, format }: ExportOptions,
  plan: ExportPlan,
  onProgress: (done: number, total: number, file: string) => void,
  signal: AbortSignal | undefined,
): Promise<ExportedFile[]> {
  const folder = beginOutput(directory);
  try {
    const files: (ExportedFile & Readonly<Record<string, unknown>>)[] = [];
    for (const { path, facts, produce } of plan.files) {
      signal?.throwIfAborted();
      const bytes = await produce();
      await folder.write(path, bytes);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      files.push({ path, bytes: bytes.length, sha256, ...facts });
      onProgress(files.length, plan.files.length, path);
    }
    const manifest = {
      kind: MANIFEST_KIND,
      ...programVersion(),
      format,
      run: plan.run,
      classes: project.classes,
      ...plan.facts,
      files,
    };
    await folder.write(MANIFEST, new TextEncoder().encode(`${JSON.stringify(manifest, undefined, 2)}\n`));
    signal?.throwIfAborted();
    folder.finish();
    return files.map(({ path, bytes, sha256 }) => ({ path, bytes: bytes ?? 0, sha256: sha256 ?? '' }));
  } finally {
    folder.discard();
  }
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
