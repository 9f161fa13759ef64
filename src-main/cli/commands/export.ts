import { InvalidArgumentError, Option, type Command } from 'commander';
import { ITEM_STATES, type ItemState } from '../../../src-core/review/item-state.ts';
import { EXPORT_FORMAT_NAMES } from '../../services/export/formats.ts';
import type { ExportOptions, ExportSummary } from '../../services/export/export.ts';
import type { ExportRequest, MaskSource } from '../../services/export/format.ts';
import { interruptible } from '../interrupt.ts';
import { addExamples, nameList, wholeNumber } from '../options.ts';
import { print, printJson, startProgress, type Progress } from '../output.ts';

/** Files printed for people on a dry run; `--json` gives all. */
const SHOWN = 12;

/** Values of the options; commander fills in the defaults. */
interface Flags {
  readonly project: string;
  readonly format: string;
  readonly out: string;
  readonly run?: string;
  readonly source: MaskSource;
  readonly states?: readonly ItemState[];
  readonly split: NonNullable<ExportRequest['split']> | 'all';
  readonly uncertainty?: boolean;
  readonly batch?: number;
  readonly dryRun?: boolean;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

/** `unia export --project DIR`: masks and networks for other programs. */
export function registerExport(program: Command): void {
  const command = program
    .command('export')
    .summary('write masks, or the trained network, for other programs')
    .description(
      'Writes masks over the source images: NIfTI keeps the source’s geometry byte for byte and its storage order, PNG ' +
        'has the label id as index. manifest.json lists every file with its SHA-256, labels.json what the ids mean. ONNX is the network itself: ' +
        'model.onnx with its weights, and model.json that says how to feed it and what comes out.',
    )
    .requiredOption('--project <dir>', 'project made by "unia import"')
    .addOption(new Option('--format <name>', 'what to write').choices(EXPORT_FORMAT_NAMES).makeOptionMandatory())
    .requiredOption('--out <dir>', 'folder to write; new or empty')
    .option('--run <run>', 'run to take masks from (default: the newest that has predicted)')
    .addOption(
      new Option('--source <name>', 'masks to write; best: reviewed where there is one, else segmentation, else pseudo')
        .choices(['best', 'reviewed', 'cam', 'p1', 'p2', 'p3', 'pseudo', 'segmentation'])
        .default('best'),
    )
    .option('--states <list>', 'only items in these states (default: pending,accepted,corrected)', stateList)
    .addOption(
      new Option('--split <name>', 'only items of this split')
        .choices(['train', 'validation', 'test', 'all'])
        .default('all'),
    )
    .option('--uncertainty', 'uncertainty maps as well: NIfTI float32, or 16-bit PNG')
    .option('--batch <n>', 'with --format onnx: images that the network takes at once (default: 1)', wholeNumber(1))
    .option('--dry-run', 'list the files and write none')
    .option('--overwrite', 'replace an earlier export in the folder')
    .option('--json', 'print the list of files as JSON')
    .action(runExport);
  addExamples(command, [
    ['unia export --project heart --format nifti --out masks', 'one label map a volume, over the source'],
    ['unia export --project heart --format png --out masks --states accepted,corrected', 'only what a person approved'],
    ['unia export --project heart --format nifti --out test --split test --uncertainty', 'with uncertainty maps'],
    ['unia export --project heart --format onnx --out network', 'the trained network of the newest run'],
    ['unia export --project heart --format nifti --out masks --dry-run', 'what would be written'],
  ]);
}

function stateList(text: string): readonly ItemState[] {
  return nameList(text).map((name) => {
    const state = ITEM_STATES.find((known) => known === name);
    if (state === undefined)
      throw new InvalidArgumentError(`Expected some of ${ITEM_STATES.join(', ')}, got "${name}".`);
    return state;
  });
}

async function runExport(flags: Flags): Promise<void> {
  const [{ Project }, { exportProject }] = await Promise.all([
    import('../../services/project.ts'),
    import('../../services/export/export.ts'),
  ]);
  const project = Project.open(flags.project, 'read');
  let progress: Progress | undefined;
  try {
    const summary = await interruptible('Export stopped; nothing was left behind.', (signal) =>
      exportProject(
        project,
        optionsOf(flags),
        (done, total, file) => {
          progress ??= startProgress('export', total, 'files');
          progress.update(done, file);
        },
        signal,
      ).finally(() => progress?.stop()),
    );
    if (flags.json) printJson(summary);
    else print(describe(summary));
  } finally {
    project.close();
  }
}

function optionsOf(flags: Flags): ExportOptions {
  return {
    format: flags.format,
    directory: flags.out,
    source: flags.source,
    ...(flags.run !== undefined && { run: flags.run }),
    ...(flags.states && { states: flags.states }),
    ...(flags.split !== 'all' && { split: flags.split }),
    ...(flags.uncertainty && { uncertainty: true }),
    ...(flags.batch !== undefined && { batch: flags.batch }),
    ...(flags.dryRun && { dryRun: true }),
    ...(flags.overwrite && { overwrite: true }),
  };
}

function describe({ written, files, directory, run, notes }: ExportSummary): string {
  const from = run === null ? '' : ` from ${run}`;
  if (!written) {
    const rest = files.length - SHOWN;
    const shown = files.slice(0, SHOWN).map(({ path }) => `  ${path}`);
    const more = rest > 0 ? [`  ... and ${rest} more (--json lists all)`] : [];
    return [
      `Would write ${files.length} files${from} and manifest.json to ${directory}:`,
      ...shown,
      ...more,
      ...notes,
    ].join('\n');
  }
  const bytes = files.reduce((sum, file) => sum + (file.bytes ?? 0), 0);
  return [
    `Wrote ${files.length} files${from} (${(bytes / 1e6).toFixed(1)} MB) and manifest.json to ${directory}.`,
    ...notes,
  ].join('\n');
}
