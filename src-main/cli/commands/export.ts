import { InvalidArgumentError, Option, type Command } from 'commander';
import { EXPORT_FORMAT_NAMES } from '../../../src-core/datasets/formats/export-formats.ts';
import { LABEL_PRESETS, presetNumbering } from '../../../src-core/datasets/label-numbering.ts';
import { ITEM_STATES, type ItemState } from '../../../src-core/review/item-state.ts';
import type { ExportOptions, ExportSummary } from '../../services/export/export.ts';
import type { ExportRequest, IgnoredPixels, MaskSource } from '../../services/export/format.ts';
import { addFormatList, addFormatOptions, formatSettings } from '../format-options.ts';
import { interruptible } from '../interrupt.ts';
import { addExamples, keyValue, nameList, share } from '../options.ts';
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
  readonly labels?: Readonly<Record<string, number>>;
  readonly ignore: IgnoredPixels;
  readonly ignoreAbove?: number;
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
      'Writes the masks of a project as another program reads them, or the trained network. Everything is written beside its place ' +
        'and moved there when it is whole. manifest.json lists every file with its SHA-256, the run, the label ids and the checks.',
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
    .option(
      '--labels <list>',
      `id of every class, such as LV=3,MYO=2,RV=1 (0 leaves one out), or ${Object.keys(LABEL_PRESETS).join(', ')} (default: as in the source’s masks)`,
      labelList,
    )
    .addOption(
      new Option(
        '--ignore <which>',
        'pixels to leave open (255): of images that nobody reviewed, all or the uncertain ones',
      )
        .choices(['none', 'unreviewed', 'uncertain'])
        .default('none'),
    )
    .option('--ignore-above <u>', 'uncertainty above which a pixel is uncertain (default: 0.5)', share)
    .option('--dry-run', 'say what would be written, what is lost and what the checks find; write nothing')
    .option('--overwrite', 'replace an earlier export in the folder')
    .option('--json', 'print the list of files as JSON')
    .action(runExport);
  addFormatOptions(command);
  addFormatList(command);
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

function labelList(text: string): Readonly<Record<string, number>> {
  const preset = Object.keys(LABEL_PRESETS).find((name) => name === text.toLowerCase());
  // Found among the keys a line above.
  if (preset !== undefined) return presetNumbering(preset as keyof typeof LABEL_PRESETS);
  const pairs = nameList(text).reduce<Record<string, string>>((all, pair) => keyValue(pair, all), {});
  return Object.fromEntries(
    Object.entries(pairs).map(([name, id]) => {
      if (!/^\d+$/.test(id)) throw new InvalidArgumentError(`Expected a whole number for ${name}, got "${id}".`);
      return [name, Number(id)];
    }),
  );
}

async function runExport(flags: Flags, command: Command): Promise<void> {
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
        optionsOf(flags, command),
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

function optionsOf(flags: Flags, command: Command): ExportOptions {
  return {
    format: flags.format,
    directory: flags.out,
    source: flags.source,
    ...(flags.run !== undefined && { run: flags.run }),
    ...(flags.states && { states: flags.states }),
    ...(flags.split !== 'all' && { split: flags.split }),
    ...(flags.labels && { labels: flags.labels }),
    ignore: flags.ignore,
    ...(flags.ignoreAbove !== undefined && { uncertainAbove: flags.ignoreAbove }),
    settings: formatSettings(command),
    ...(flags.dryRun && { dryRun: true }),
    ...(flags.overwrite && { overwrite: true }),
  };
}

function describe({ written, files, directory, run, notes, losses, checks }: ExportSummary): string {
  const from = run === null ? '' : ` from ${run}`;
  const marks = { good: 'ok', warning: 'warning', error: 'ERROR' };
  const remarks = [
    ...notes,
    ...losses.map((loss) => `Lost: ${loss}`),
    ...checks.map(({ level, text }) => `Check ${marks[level]}: ${text}`),
  ];
  if (!written) {
    const rest = files.length - SHOWN;
    const shown = files.slice(0, SHOWN).map(({ path }) => `  ${path}`);
    const more = rest > 0 ? [`  ... and ${rest} more (--json lists all)`] : [];
    return [
      `Would write ${files.length} files${from} and manifest.json to ${directory}:`,
      ...shown,
      ...more,
      ...remarks,
    ].join('\n');
  }
  const bytes = files.reduce((sum, file) => sum + (file.bytes ?? 0), 0);
  return [
    `Wrote ${files.length} files${from} (${(bytes / 1e6).toFixed(1)} MB) and manifest.json to ${directory}.`,
    ...remarks,
  ].join('\n');
}
