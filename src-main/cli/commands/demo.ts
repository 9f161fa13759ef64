import { relative } from 'node:path';
import { Option, type Command } from 'commander';
import type { TrainingEvent } from '../../../src-core/training/train.ts';
import type { DemoResult, DemoStep } from '../../services/demo.ts';
import type { SourceEvaluation } from '../../services/evaluate.ts';
import { interruptible } from '../interrupt.ts';
import { addExamples, wholeNumber } from '../options.ts';
import { duration, print, printJson, startProgress, table, type Progress } from '../output.ts';

/** Values of the options; commander fills in the defaults. */
interface Flags {
  readonly out: string;
  readonly engine: string;
  readonly again?: boolean;
  readonly patients?: number;
  readonly slices?: number;
  readonly iterations?: number;
  readonly json?: boolean;
}

const STEPS: Readonly<Record<DemoStep, string>> = {
  draw: 'Draw synthetic patients with beating hearts, in the layout of ACDC',
  import: 'Import them with tags on windows of each slice: is the left ventricle in it?',
  train: 'Train on the tags',
  predict: 'Predict every slice',
  evaluate: 'Measure on the patients held out',
  export: 'Export masks as NIfTI and the network as ONNX',
};

/** `unia demo`: the whole of it on images that a program draws. */
export function registerDemo(program: Command): void {
  const command = program
    .command('demo')
    .summary('all of it on a synthetic phantom, in a few minutes')
    .description(
      'Draws a small synthetic cine heart data set, imports it, trains, predicts, measures and exports, all in one ' +
        'folder. Run again, it goes on with what is missing.',
    )
    .option('--out <dir>', 'folder of the demo; new, empty, or an earlier demo’s', 'demo')
    .option('--engine <name>', 'engine to compute on, as "unia doctor" lists them', 'onnxruntime:cpu')
    .option('--again', 'replace an earlier demo in the folder')
    .option('--json', 'print what was measured, and where the files are, as JSON')
    .addOption(new Option('--patients <n>', 'synthetic patients').argParser(wholeNumber(5)).hideHelp())
    .addOption(new Option('--slices <n>', 'slices of each volume').argParser(wholeNumber(2)).hideHelp())
    .addOption(new Option('--iterations <n>', 'iterations of all stages').argParser(wholeNumber(2)).hideHelp())
    .action(runDemoCommand);
  addExamples(command, [
    ['unia demo', 'in the folder demo'],
    ['unia demo --out /tmp/demo --engine auto', 'elsewhere, on the fastest engine found'],
    ['unia demo --again', 'from the start'],
  ]);
}

async function runDemoCommand(flags: Flags): Promise<void> {
  const [{ DEMO_SIZE, removeDemo, runDemo }, { openEngine }] = await Promise.all([
    import('../../services/demo.ts'),
    import('../engine-option.ts'),
  ]);
  if (flags.again) removeDemo(flags.out);
  const started = performance.now();
  const engine = await openEngine(flags.engine, flags.json === true);
  const teller = demoTeller();
  try {
    const result = await interruptible('Demo stopped. The same command again goes on.', (signal) =>
      runDemo({
        folder: flags.out,
        engine,
        size: {
          patients: flags.patients ?? DEMO_SIZE.patients,
          slices: flags.slices ?? DEMO_SIZE.slices,
          iterations: flags.iterations ?? DEMO_SIZE.iterations,
        },
        signal,
        ...teller.hooks,
      }),
    );
    teller.stop();
    const seconds = (performance.now() - started) / 1000;
    if (!result) print('Stopped and saved. The same command again goes on.');
    else if (flags.json) printJson({ ...result, seconds });
    else print(describe(result, seconds));
  } finally {
    teller.stop();
    await engine.dispose();
  }
}

/** A line for each step and a bar while it runs. */
function demoTeller() {
  let progress: Progress | undefined;
  let shown = '';
  let number = 0;
  const stop = (): void => {
    progress?.stop();
    progress = undefined;
  };
  const show = (label: string, done: number, total: number, unit: string, note = ''): void => {
    if (shown !== label) stop();
    shown = label;
    progress ??= startProgress(`  ${label}`, total, unit, done);
    progress.update(done, note);
  };
  return {
    stop,
    hooks: {
      onStep: (step: DemoStep, kept: boolean) => {
        stop();
        shown = step;
        number += 1;
        const steps = Object.keys(STEPS).length;
        process.stderr.write(`${number}/${steps} ${STEPS[step]}${kept ? ' (done before)' : ''}\n`);
      },
      onProgress: (done: number, total: number, unit: string) => show(shown, done, total, unit),
      onTraining: (event: TrainingEvent) => {
        if (event.kind === 'step') {
          show(
            event.stage,
            event.iteration,
            event.iterations,
            'steps',
            `loss ${event.losses['total']?.toPrecision(3)}`,
          );
        } else if (event.kind === 'pseudo-masks') show('pseudo masks', event.done, event.total, 'images');
      },
    },
  };
}

const NAMES: Readonly<Partial<Record<SourceEvaluation['source'], string>>> = {
  cam: 'plain CAM',
  p1: 'P1  multi-scale CAM, thresholded',
  p2: 'P2  refined by colour (PAR)',
  p3: 'P3  walked along the affinity, refined',
  pseudo: 'P   pseudo mask that segmentation learns',
  segmentation: 'segmentation',
  disc: 'for comparison: a disc, no learning',
};

function describe({ paths, evaluation }: DemoResult, seconds: number): string {
  const counts = evaluation.sources[0]!.report.counts; // an evaluation has one source at least
  const here = (path: string): string => relative(process.cwd(), path) || '.';
  const rows = evaluation.sources.map(({ source, report: { mean } }) => [
    NAMES[source] ?? source,
    decimal(mean.dicePooled, 3),
    decimal(mean.dicePerVolume, 3),
    decimal(mean.confusionRatioPooled, 2),
    decimal(mean.confusionRatioPerVolume, 2),
  ]);
  const project = here(paths.project);
  return [
    '',
    `Left ventricle of ${counts.patients} synthetic patients that training never saw, ${counts.slices} slices:`,
    '',
    table(['mask', 'DSC', 'DSC a volume', 'CR', 'CR a volume'], rows),
    '',
    'DSC: 1 is perfect. CR: false over true positives, 0 is perfect. CAM, P1 to P and the disc know the tags of the slice;',
    'the segmentation knows the image only. Nothing measured on drawn images says anything about patients.',
    '',
    `Done in ${duration(seconds)}.`,
    `  ${here(paths.montage)}  image, truth, CAM, mask and uncertainty: look at this first`,
    `  ${here(paths.masks)}  masks and uncertainty as NIfTI`,
    `  ${here(paths.network)}  the network as ONNX`,
    `  ${project}  the project`,
    '',
    'What to run next:',
    `  npm start -- ${project}    look at the masks, correct them and learn again, in the app`,
    `  npx unia evaluate --project ${project}    the whole report, with volumes and ejection fraction`,
    `  npx unia train --project ${project} --preset acdc    train longer`,
    '  npx unia import YOUR_IMAGES --project my-project    your own images; see "npx unia import --help"',
  ].join('\n');
}

function decimal(value: number, digits: number): number | undefined {
  return Number.isFinite(value) ? Number(value.toFixed(digits)) : undefined;
}
