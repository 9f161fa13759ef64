// `npm run results -- --data ACDC --work DIR [--only NAME] [--ablate]`: the studies of docs/results.md, through the command
// line as a user would. What DIR holds already is not run again; the sections that DIR holds are written anew, the others
// stay as the document has them. `--only ablation --ablate` is the ablation alone.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import type { Ablation } from '../../src-main/services/ablate.ts';
import type { ProjectEvaluation } from '../../src-main/services/evaluate.ts';

interface Study {
  readonly name: string;
  readonly title: string;
  readonly importOptions: readonly string[];
  readonly trainOptions: readonly string[];
}

interface StudyResult {
  readonly commands: readonly string[];
  readonly trainMinutes: number;
  readonly evaluation: ProjectEvaluation;
}

const CROPS = ['--tags', 'crops', '--windows', '8', '--window', '48'];
// Fewer iterations: slice tags are reported as they come, and the minutes go to the rows above.
const SHORTER = ['--iterations', '1100'];
const SHORTEST = ['--iterations', '300'];
const HELD_OUT = ['--test-modulus', '5'];
const STUDIES: readonly Study[] = [
  study('lv-crops', 'LV, crop tags (eight 48 px windows a slice)', ['--classes', 'LV', ...CROPS]),
  study('lv-slices', 'LV, slice tags (the paper’s protocol)', ['--classes', 'LV', '--tags', 'slice'], SHORTER),
  study('three-crops', 'RV, MYO, LV, crop tags (eight 48 px windows a slice)', ['--classes', 'RV,MYO,LV', ...CROPS]),
  study(
    'three-slices',
    'RV, MYO, LV, slice tags (the paper’s protocol)',
    ['--classes', 'RV,MYO,LV', '--tags', 'slice'],
    SHORTEST,
  ),
];

const ABLATION = { name: 'ablation', title: 'Ablation, LV, crop tags' };
const DOCUMENT = join(import.meta.dirname, '../../docs/results.md');

/** The paper's names of the masks. */
const NAMES: Readonly<Record<string, string>> = {
  cam: 'CAM',
  p1: 'P1',
  p2: 'P2',
  p3: 'P3',
  pseudo: 'P',
  segmentation: 'segmentation',
  disc: 'disc',
};

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string' },
    work: { type: 'string' },
    only: { type: 'string' },
    ablate: { type: 'boolean' },
    iterations: { type: 'string', default: '600' },
    rows: { type: 'string' },
  },
});
if (flags.data === undefined || flags.work === undefined) {
  process.stderr.write(
    'usage: npm run results -- --data ACDC_FOLDER --work DIR [--only NAME] [--ablate] [--iterations N]\n',
  );
  process.exit(2);
}
const [data, work] = [flags.data, flags.work];
mkdirSync(work, { recursive: true });
for (const entry of STUDIES) if (flags.only === undefined || flags.only === entry.name) await runStudy(entry);
if (flags.ablate) await runAblation();
writeFileSync(DOCUMENT, document());

function study(
  name: string,
  title: string,
  importOptions: readonly string[],
  trainOptions: readonly string[] = [],
): Study {
  return {
    name,
    title,
    importOptions: [...importOptions, ...HELD_OUT],
    trainOptions: ['--preset', 'acdc', ...trainOptions],
  };
}

function resultFile(name: string): string {
  return join(work, `${name}.json`);
}

async function runStudy({ name, importOptions, trainOptions }: Study): Promise<void> {
  if (existsSync(resultFile(name))) return;
  const project = join(work, name);
  const engine = ['--engine', 'onnxruntime:cpu'];
  const commands: string[] = [];
  const run = async (words: readonly string[], needed = true): Promise<string> => {
    commands.push(`unia ${words.join(' ').replaceAll(project, 'PROJECT').replace(data, 'ACDC')}`);
    return needed ? unia(words) : '';
  };
  await run(['import', data, '--project', project, ...importOptions], !existsSync(project));
  await run(['train', '--project', project, ...trainOptions, ...engine], !isTrained(project));
  await run(['predict', '--project', project, '--split', 'test', ...engine]);
  const evaluation = await run(['evaluate', '--project', project, '--all-sources', '--json']);
  const result: StudyResult = {
    commands,
    trainMinutes: trainMinutes(project),
    evaluation: JSON.parse(evaluation) as ProjectEvaluation,
  };
  writeFileSync(resultFile(name), JSON.stringify(result));
}

function isTrained(project: string): boolean {
  return existsSync(metricsFile(project)) && readFileSync(metricsFile(project), 'utf8').includes('"kind":"finished"');
}

/** From the first to the last event that the run logged. */
function trainMinutes(project: string): number {
  const lines = readFileSync(metricsFile(project), 'utf8').trim().split('\n');
  const [first, last] = [lines[0]!, lines.at(-1)!].map((line) =>
    Date.parse((JSON.parse(line) as { time: string }).time),
  );
  return (last! - first!) / 60_000;
}

function metricsFile(project: string): string {
  return join(project, 'runs', 'run-001', 'metrics.jsonl');
}

async function runAblation(): Promise<void> {
  if (existsSync(resultFile(ABLATION.name))) return;
  const project = join(work, 'lv-crops');
  const words = [
    'ablate',
    '--project',
    project,
    '--preset',
    'acdc',
    '--iterations',
    flags.iterations,
    '--engine',
    'onnxruntime:cpu',
    ...(flags.rows === undefined ? [] : ['--rows', flags.rows]),
    '--json',
  ];
  writeFileSync(resultFile(ABLATION.name), await unia(words));
}

async function unia(words: readonly string[]): Promise<string> {
  const cli = join(import.meta.dirname, '../../src-main/cli/unia.ts');
  process.stderr.write(`unia ${words.join(' ')}\n`);
  const { stdout } = await promisify(execFile)(process.execPath, [cli, ...words], { maxBuffer: 2 ** 28 });
  return stdout;
}

function document(): string {
  const former = formerSections();
  const kept = (
    { name, title }: { readonly name: string; readonly title: string },
    written: () => string[],
  ): string[] => (existsSync(resultFile(name)) ? written() : (former.get(title) ?? []));
  return [
    '# Results',
    '',
    'Written by `npm run results -- --data ACDC --work DIR --ablate`; every figure is what the commands below printed.',
    `The machines were shared with other work while they trained; Node ${process.version}, no GPU, no pretrained weights, one seed.`,
    '',
    'Data: 75 ACDC patients (Bernard et al., IEEE TMI 2018). Patients whose number divides by 5 are held out and reported on; a tenth of',
    'the others is kept for validation; the rest trains. Tags are derived from the masks, as an annotator would give them; masks are',
    'otherwise only measured against. Pseudo masks (CAM, P1, P2, P3, P) of the held-out images use their slice tags; the segmentation uses',
    'none. `disc` learns nothing from images: a disc at the mean place and size, drawn where the slice is tagged. DSC of empty',
    'against empty is left out; CR is FP / TP. Pixels are those of the stored images.',
    '',
    ...STUDIES.flatMap((entry) => kept(entry, () => section(entry))),
    ...kept(ABLATION, ablationSection),
  ].join('\n');
}

/** Lines of the sections that the document has now, by their title. */
function formerSections(): Map<string, string[]> {
  const [, ...sections] = readFileSync(DOCUMENT, 'utf8').split(/^## /m);
  return new Map(
    sections.map((text) => {
      const lines = text.trimEnd().split('\n');
      return [lines[0]!, [`## ${lines[0]}`, ...lines.slice(1), '']];
    }),
  );
}

function section({ name, title }: Study): string[] {
  const {
    commands,
    trainMinutes: minutes,
    evaluation,
  } = JSON.parse(readFileSync(resultFile(name), 'utf8')) as StudyResult;
  const several = evaluation.classes.length > 1;
  const rows = evaluation.sources.flatMap(({ source, report }) => [
    ...report.classes.map((one) => [
      NAMES[source] ?? source,
      one.name,
      three(one.dice.pooled),
      three(one.dice.perVolume.value),
      three(one.dice.perSlice.value),
      three(one.confusionRatio.pooled),
      three(one.confusionRatio.perVolume.value),
      three(one.precision),
      three(one.recall),
      `${((report.ignored.prediction ?? 0) * 100).toFixed(1)} %`,
    ]),
    ...(several
      ? [
          [
            NAMES[source] ?? source,
            'mean',
            three(report.mean.dicePooled),
            three(report.mean.dicePerVolume),
            three(report.mean.dicePerSlice),
            three(report.mean.confusionRatioPooled),
            three(report.mean.confusionRatioPerVolume),
            three(report.mean.precision),
            three(report.mean.recall),
            '',
          ],
        ]
      : []),
  ]);
  const heading = [
    'mask',
    'class',
    'DSC pooled',
    'per volume',
    'per slice',
    'CR pooled',
    'per volume',
    'precision',
    'recall',
    'ignored',
  ];
  const { volumes, patients, slices } = evaluation.sources[0]!.report.counts;
  const minutesText = `Training took ${minutes.toFixed(1)} minutes on ${machine()}.`;
  return [
    `## ${title}`,
    '',
    `${patients} patients, ${volumes} volumes, ${slices} slices held out. ${minutesText}`,
    '',
    '```sh',
    ...commands,
    '```',
    '',
    ...markdownTable(heading, rows),
    '',
    ...rankingText(evaluation),
  ];
}

/** How well uncertainty finds the errors of the segmentation. */
function rankingText({ sources }: ProjectEvaluation): string[] {
  const ranking = sources.find(({ source }) => source === 'segmentation')?.report.ranking;
  if (!ranking) return [];
  const area = (value: number): string => value.toFixed(4);
  const { pixels, slices } = ranking;
  return [
    `Area under the risk-coverage curve of the segmentation: ${area(pixels.area)} by pixel (${area(pixels.uninformed)} without ranking), ` +
      `${area(slices.area)} by slice (${area(slices.uninformed)}).`,
    '',
  ];
}

function ablationSection(): string[] {
  const ablation = JSON.parse(readFileSync(resultFile(ABLATION.name), 'utf8')) as Ablation;
  const of = (row: Ablation['rows'][number], source: string): Ablation['rows'][number]['sources'][number] | undefined =>
    row.sources.find((one) => one.source === source);
  const rows = ablation.rows.map((row) => [
    row.name,
    three(row.meanAveragePrecision),
    ...['cam', 'p2', 'p3', 'pseudo', 'segmentation'].map((source) => three(of(row, source)?.dicePooled ?? null)),
    three(of(row, 'segmentation')?.confusionRatioPooled ?? null),
    row.minutes.toFixed(1),
  ]);
  const minutes = ablation.rows.reduce((sum, row) => sum + (row.sameAs === null ? row.minutes : 0), 0);
  return [
    `## ${ABLATION.title}`,
    '',
    'A project as that of the first table; every row the same seed and a shortened schedule, so its figures are below those above.',
    'Rows up to +MCR train the segmentation on P, the UiN rows as the preset does: on the pixels where P2 and P3 agree.',
    `DSC pooled over the held-out volumes; minutes of training alone, ${minutes.toFixed(1)} together on ${machine()}.`,
    '',
    '```sh',
    `unia ablate --project PROJECT --preset ${ablation.preset} --iterations ${ablation.iterations} --engine onnxruntime:cpu --json`,
    '```',
    '',
    ...markdownTable(['row', 'mAP', 'CAM', 'P2', 'P3', 'P', 'segmentation', 'CR segmentation', 'minutes'], rows),
    '',
  ];
}

function machine(): string {
  return `${cpus().length} x ${cpus()[0]?.model ?? 'unknown CPU'}`;
}

function three(value: number | null): string {
  return value === null || Number.isNaN(value) ? '-' : value.toFixed(3);
}

function markdownTable(heading: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(heading), line(heading.map((_, i) => (i < 2 ? '---' : '---:'))), ...rows.map(line)];
}
