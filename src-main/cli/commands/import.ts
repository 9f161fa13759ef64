import { existsSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ClassChoice } from '../../../src-core/datasets/class-choice.ts';
import { IMPORT_FORMATS } from '../../../src-core/datasets/import-formats.ts';
import type { PrivacySummary, TableColumn } from '../../../src-core/datasets/importer.ts';
import type { SplitRule } from '../../../src-core/datasets/split.ts';
import type { ImportOptions, ImportSummary, MaskUse } from '../../services/import.ts';
import { LINK_OUT } from '../../services/importers.ts';
import { FOLLOW_LINKS } from '../advice.ts';
import { MisuseError } from '../errors.ts';
import { interruptible } from '../interrupt.ts';
import { addExamples, keyValue, nameList, share, wholeNumber } from '../options.ts';
import { print, printJson, startProgress, table, type Progress } from '../output.ts';

const COLUMNS: readonly TableColumn[] = ['file', 'patient', 'frame', 'phase', 'slice', 'labels', 'split'];
/** Warnings and refusals printed for people; `--json` gives all. */
const SHOWN = 12;

const MASK_WORDS: Readonly<Record<MaskUse, string>> = {
  truth: 'used only to measure',
  reviewed: 'taken as reviewed',
  start: 'suggested to the review',
};

/** Values of the options; commander fills in the defaults. */
interface Flags {
  readonly project: string;
  readonly format?: string;
  readonly classes?: readonly string[];
  readonly tags: 'slice' | 'crops';
  readonly windows?: number;
  readonly window?: number;
  readonly windowReference?: number;
  readonly minimumShare?: number;
  readonly seed: number;
  readonly maskValue?: Readonly<Record<string, string>>;
  readonly csv?: string;
  readonly columnFile?: string;
  readonly columnPatient?: string;
  readonly columnFrame?: string;
  readonly columnPhase?: string;
  readonly columnSlice?: string;
  readonly columnLabel?: string;
  readonly columnSplit?: string;
  readonly firstSlice?: '0' | '1';
  readonly allFrames?: boolean;
  readonly followLinks?: boolean;
  readonly patientPattern?: RegExp;
  readonly keepIdentity?: boolean;
  readonly masks: MaskUse;
  readonly class?: readonly ClassChoice[];
  readonly testModulus?: number;
  readonly test?: number;
  readonly validation: number;
  readonly json?: boolean;
}

/** `unia import SOURCE --project DIR`: a folder of images becomes a project. */
export function registerImport(program: Command): void {
  const command = program
    .command('import')
    .summary('make a project from a folder of images and tags')
    .description(
      'Makes a project from a folder of images with image-level tags. The format is detected and stated; everything ' +
        'found and everything refused is listed. The source is only read.',
    )
    .argument('<source>', 'folder that holds the images')
    .requiredOption('--project <dir>', 'folder to make the project in; new or empty')
    .option('--format <name>', 'format of the source, instead of detecting it; listed below')
    .option(
      '--classes <names>',
      'classes to learn, in this order, e.g. RV,MYO,LV; the others become background',
      nameList,
    )
    .option('--all-frames', 'every frame of 4-D recordings, not only end diastole and end systole')
    .option(
      '--patient-pattern <regexp>',
      'takes the patient out of a file name: its first group, or the match',
      pattern,
    )
    .option('--follow-links', 'follow links that lead out of the source folder; without it they are refused')
    .option('--keep-identity', "keep DICOM's patient identifiers; without it patients become numbers")
    .option(
      '--class <name=sources>',
      'a class of the project and those it is made of, e.g. heart=LV,MYO; may be given again, the order counts',
      classChoice,
    )
    .addOption(
      new Option(
        '--masks <use>',
        'what masks of the source are: accepted already, a start for review, or truth to measure with',
      )
        .choices(['reviewed', 'start', 'truth'])
        .default('truth'),
    )
    .optionsGroup('Tags from masks (a simulated annotator):')
    .addOption(
      new Option('--tags <kind>', 'one tag for each slice, or for each of several windows of it')
        .choices(['slice', 'crops'])
        .default('slice'),
    )
    .option('--windows <n>', 'with --tags crops: windows per slice (default: 8)', wholeNumber(1))
    .option('--window <px>', 'with --tags crops: side of a window (default: 48)', wholeNumber(2))
    .option('--window-reference <px>', 'count --window in the centre square resized to this side', wholeNumber(8))
    .option('--minimum-share <share>', 'a class is seen in a window it covers by this share (default: 0.01)', share)
    .option('--mask-value <value=name>', 'class behind a value in masks, e.g. 3=LV; may be given again', maskValue)
    .option('--seed <n>', 'seed of windows and splits', wholeNumber(0), 0)
    .optionsGroup('Tags from a table:')
    .option('--csv <file>', 'table of tags inside the source: CSV, TSV or JSON, columns detected');
  for (const column of COLUMNS) {
    const flag = column === 'labels' ? 'label' : column;
    command.option(`--column-${flag} <heading>`, `heading of the column that holds the ${column}`);
  }
  command
    .addOption(new Option('--first-slice <n>', 'number of the first slice in the table').choices(['0', '1']))
    .optionsGroup('Splits, always by patient:')
    .addOption(
      new Option('--test-modulus <n>', 'test on patients whose number divides by n')
        .argParser(wholeNumber(2))
        .conflicts('test'),
    )
    .option('--test <share>', 'share of the patients to test on (default: 0.2)', share)
    .option('--validation <share>', 'share of the other patients to validate on', share, 0.1)
    .optionsGroup('Output:')
    .option('--json', 'print the summary as JSON')
    .action(runImport);
  command.addHelpText('after', () => `\nFormats:\n${formatLines()}`);
  addExamples(command, [
    ['unia import ~/acdc --project heart', 'one tag per slice, a fifth of the patients held out'],
    [
      'unia import ~/acdc --project heart --classes LV --tags crops --windows 8 --window 48',
      'tags on eight windows a slice',
    ],
    ['unia import ~/scans --project scans --csv tags.csv --column-label finding', 'NIfTI files with tags in a table'],
    ['unia import ~/acdc --project heart --test-modulus 5 --json', 'test on patients 5, 10, 15, ...; facts as JSON'],
  ]);
}

function formatLines(): string {
  const formats = Object.entries(IMPORT_FORMATS);
  const width = Math.max(...formats.map(([name]) => name.length));
  return formats.map(([name, words]) => `  ${name.padEnd(width)}  ${words}`).join('\n');
}

async function runImport(source: string, flags: Flags): Promise<void> {
  const options = importOptions(source, flags);
  const { importDataset } = await import('../../services/import.ts');
  let progress: Progress | undefined;
  const summary = await interruptible('Import stopped; nothing was left behind.', (signal) =>
    importDataset(
      source,
      flags.project,
      options,
      ({ done, total, file }) => {
        progress ??= startProgress('import', total, 'steps');
        progress.update(done, file);
      },
      signal,
    ).finally(() => progress?.stop()),
  );
  if (flags.json) printJson(summary);
  else print(describe(summary, flags.project));
}

function importOptions(source: string, flags: Flags): ImportOptions {
  const tags = flags.tags === 'crops' ? cropTags(flags) : (refuseCropOptions(flags), undefined);
  const columns = columnsOf(flags);
  return {
    split: splitRule(flags),
    masks: flags.masks,
    ...(flags.class && { chosenClasses: flags.class }),
    ...(flags.keepIdentity && { keepIdentity: true }),
    ...(flags.format !== undefined && { format: flags.format }),
    ...(flags.classes && { classes: flags.classes }),
    ...(flags.csv !== undefined && { tagsFile: insideSource(source, flags.csv) }),
    ...(Object.keys(columns).length > 0 && { columns }),
    ...(flags.maskValue && { labelNames: flags.maskValue }),
    ...(flags.firstSlice !== undefined && { firstSlice: flags.firstSlice === '0' ? 0 : 1 }),
    ...(tags && { tags }),
    ...(flags.allFrames && { allFrames: true }),
    ...(flags.followLinks && { followLinks: true }),
    ...(flags.patientPattern && { patientPattern: flags.patientPattern }),
  };
}

function cropTags(flags: Flags): NonNullable<ImportOptions['tags']> {
  return {
    kind: 'crops',
    windows: flags.windows ?? 8,
    window: flags.window ?? 48,
    referenceSide: flags.windowReference ?? null,
    minimumShare: flags.minimumShare ?? 0.01,
    seed: flags.seed,
  };
}

function refuseCropOptions(flags: Flags): void {
  const given = (['windows', 'window', 'windowReference', 'minimumShare'] as const).find(
    (name) => flags[name] !== undefined,
  );
  if (given === undefined) return;
  const flag = given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new MisuseError(`--${flag} is about windows of a slice: add --tags crops, or leave it out.`);
}

function columnsOf(flags: Flags): Partial<Record<TableColumn, string>> {
  const given: Record<TableColumn, string | undefined> = {
    file: flags.columnFile,
    patient: flags.columnPatient,
    frame: flags.columnFrame,
    phase: flags.columnPhase,
    slice: flags.columnSlice,
    labels: flags.columnLabel,
    split: flags.columnSplit,
  };
  const columns: Partial<Record<TableColumn, string>> = {};
  for (const column of COLUMNS) if (given[column] !== undefined) columns[column] = given[column];
  if (Object.keys(columns).length > 0 && flags.csv === undefined) {
    throw new MisuseError('--column-... names columns of a table: add --csv FILE.');
  }
  return columns;
}

function splitRule(flags: Flags): SplitRule {
  const common = { validation: flags.validation, seed: flags.seed };
  return flags.testModulus === undefined
    ? { kind: 'shares', test: flags.test ?? 0.2, ...common }
    : { kind: 'modulus', modulus: flags.testModulus, ...common };
}

/** The table's path relative to the source, whether it was given so or from the working directory. */
function insideSource(source: string, file: string): string {
  const root = resolve(source);
  const path = [resolve(file), resolve(root, file)].find((candidate) => existsSync(candidate));
  if (path === undefined) throw new MisuseError(`--csv: there is no file ${file}, here or in ${source}.`);
  if (!path.startsWith(root + sep)) throw new MisuseError(`--csv: expected a file inside ${source}, got ${path}.`);
  return relative(root, path).split(sep).join('/');
}

function maskValue(text: string, earlier?: Readonly<Record<string, string>>): Record<string, string> {
  if (!/^\d+=./.test(text)) throw new InvalidArgumentError(`Expected value=name, such as 3=LV, got "${text}".`);
  return keyValue(text, earlier);
}

function classChoice(text: string, earlier: readonly ClassChoice[] = []): ClassChoice[] {
  const [name = '', list = ''] = text.split(/=(.*)/s);
  const sources = list
    .split(',')
    .map((source) => source.trim())
    .filter((source) => source !== '');
  if (name.trim() === '' || sources.length === 0) {
    throw new InvalidArgumentError(`Expected name=classes, such as heart=LV,MYO, got "${text}".`);
  }
  return [...earlier, { name: name.trim(), sources }];
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

function describe(summary: ImportSummary, project: string): string {
  const { splits, classes, classCounts } = summary;
  const phases = Object.entries(summary.phases)
    .filter(([name]) => name !== '')
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
  return [
    `Format: ${summary.format} (${summary.why})`,
    `${summary.patients} patients, ${summary.volumes} volumes${phases && ` (${phases})`}, ${summary.items} images`,
    `Patients to train on ${splits.train}, to validate ${splits.validation}, to test ${splits.test}`,
    `${summary.tags} tags on ${summary.taggedItems} images; ${summary.masks} volumes have masks, ${MASK_WORDS[summary.maskUse]}`,
    ...(summary.items > 1 && summary.patients === summary.items && summary.volumes === summary.items
      ? ['Each image counts as a patient of its own; --patient-pattern says where file names tell the patient']
      : []),
    ...(summary.withoutSpacing > 0
      ? [
          `${summary.withoutSpacing} volumes do not state their voxel size: ratios hold, millilitres and millimetres do not`,
        ]
      : []),
    ...(summary.privacy ? privacyLines(summary.privacy) : []),
    '',
    table(
      ['class', 'tags that show it', 'tags that do not'],
      classes.map((name, i) => [name, classCounts[i]?.positive, classCounts[i]?.negative]),
    ),
    ...listed('warning', summary.warnings),
    ...listed(
      'refused',
      summary.refused.map(({ file, expected, found }) => ({ file, message: `expected ${expected}, found ${found}` })),
    ),
    ...(summary.refused.some(({ found }) => found === LINK_OUT) ? [FOLLOW_LINKS] : []),
    '',
    `Project: ${project}. Next: unia train --project ${project}`,
  ].join('\n');
}

/** What of persons was left out, and what stays. */
function privacyLines({ dropped, patients, inPaths, burnedIn }: PrivacySummary): string[] {
  const names = dropped.map(({ name, files }) => `${name} (${files})`).join(', ');
  return [
    '',
    `Left out of the project, with the number of files that held it: ${names || 'nothing was there'}`,
    `Patients ${patients === 'numbered' ? 'go by numbers' : 'keep their identifiers'}; the paths of their files are kept, to find them again`,
    ...(inPaths > 0
      ? [
          `${inPaths} files have their patient's name or number in their path, which is kept: rename them and import again if the project is to be passed on`,
        ]
      : []),
    ...(burnedIn > 0 ? [`${burnedIn} files say that text is part of their pixels, which may name the patient`] : []),
  ];
}

/** One line for each kind of message: those that differ in their numbers only are of a kind. */
function listed(heading: string, messages: readonly { readonly file: string; readonly message: string }[]): string[] {
  const kinds = Map.groupBy(messages, ({ message }) => message.replace(/[\d.]+/g, '#'));
  if (kinds.size === 0) return [];
  const lines = [...kinds.values()].map((alike) => {
    const { file, message } = alike[0]!; // a group is never empty
    const more = alike.length > 1 ? ` (and ${alike.length - 1} more files)` : '';
    return `${heading}: ${file ? `${file}${more}: ` : ''}${message}`;
  });
  const rest = lines.length - SHOWN;
  return ['', ...lines.slice(0, SHOWN), ...(rest > 0 ? [`... and ${rest} more (--json lists all)`] : [])];
}
