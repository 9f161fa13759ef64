import { InvalidArgumentError, type Command } from 'commander';
import type { Engine } from '../../../src-core/compile/index.ts';
import type { TrainingConfig } from '../../../src-core/training/config.ts';
import type { TrainingEvent } from '../../../src-core/training/train.ts';
import type { Project } from '../../services/project.ts';
import { MisuseError } from '../errors.ts';
import { INTERRUPTED, interruptible } from '../interrupt.ts';
import { addExamples, keyValue, positiveNumber, wholeNumber } from '../options.ts';
import { duration, print, printJson, startProgress, type Progress } from '../output.ts';

/** Iterations of the warm-up when it is asked for without a number. */
const WARM_UP_ITERATIONS = 1000;

interface Flags {
  readonly project: string;
  readonly preset?: string;
  readonly weights?: string;
  readonly engine: string;
  readonly iterations?: number;
  readonly minutes?: number;
  readonly resume?: string;
  readonly warmUp?: number | true;
  readonly set?: Readonly<Record<string, string>>;
  readonly json?: boolean;
}

/** `unia train --project DIR`: weights from tags. */
export function registerTrain(program: Command): void {
  const command = program
    .command('train')
    .summary('learn masks from the tags of a project')
    .description(
      'Trains UniA on the tags of a project. Ctrl-C saves and says how to go on. Presets: acdc (volumes, no pretrained ' +
        'weights), quick (the same, minutes), released, paper, voc, coco (ViT with ImageNet weights given by --weights).',
    )
    .requiredOption('--project <dir>', 'project made by "unia import"')
    .option('--preset <name>', 'recipe to train by (default: acdc)')
    .option('--weights <file>', 'timm ViT weights (.safetensors) to start the encoder from')
    .option('--engine <name>', 'engine to compute on, as "unia doctor" lists them', 'auto')
    .option(
      '--iterations <n>',
      'iterations on tags and masks together, in place of the preset’s; a warm-up comes on top',
      wholeNumber(1),
    )
    .option('--minutes <m>', 'fit the iterations to this time, measured here first', positiveNumber)
    .option('--resume <run>', 'go on with a run where its last checkpoint stands')
    .option('--warm-up [n]', 'first learn to fill in hidden patches of the images (default: 1000 iterations)', warmUp)
    .option('--set <key=value>', 'change a setting of the preset; repeatable', keyValue)
    .option('--json', 'print events as JSON lines on standard output')
    .action(runTrain);
  addExamples(command, [
    ['unia train --project heart', 'the acdc preset on the fastest engine found'],
    ['unia train --project heart --preset quick --minutes 3', 'a first look'],
    ['unia train --project heart --resume run-001', 'goes on after Ctrl-C or a crash'],
    ['unia train --project cars --preset released --weights vit_base.safetensors', 'with ImageNet weights'],
    ['unia train --project heart --set losses.distribution=0', 'one part switched off'],
  ]);
}

function warmUp(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError(`Expected a whole number from 1 on, got "${text}".`);
  return value;
}

async function runTrain(flags: Flags): Promise<void> {
  refuseCombinations(flags);
  const { Project } = await import('../../services/project.ts');
  const { openEngine } = await import('../engine-option.ts');
  const project = Project.open(flags.project);
  try {
    // A recipe that makes no sense is told before engines are measured.
    const asked = flags.resume === undefined ? await askedRecipe(flags) : undefined;
    const engine = await openEngine(flags.engine, flags.json === true);
    try {
      await trainAndTell(project, engine, flags, asked);
    } finally {
      await engine.dispose();
    }
  } finally {
    project.close();
  }
}

function refuseCombinations(flags: Flags): void {
  if (flags.iterations !== undefined && flags.minutes !== undefined) {
    throw new MisuseError('--iterations and --minutes exclude each other');
  }
  if (flags.resume === undefined) return;
  const fresh = (['preset', 'weights', 'iterations', 'minutes', 'warmUp', 'set'] as const).find(
    (name) => flags[name] !== undefined,
  );
  if (fresh)
    throw new MisuseError(
      `--resume goes on with the run's own recipe; --${fresh === 'warmUp' ? 'warm-up' : fresh} has no place beside it`,
    );
}

async function trainAndTell(
  project: Project,
  engine: Engine,
  flags: Flags,
  asked: TrainingConfig | undefined,
): Promise<void> {
  const { trainProject } = await import('../../services/train.ts');
  const begin =
    asked === undefined
      ? { resume: flags.resume! }
      : {
          config: flags.minutes === undefined ? asked : await fitted(project, engine, asked, flags.minutes),
          ...(flags.weights !== undefined && { weights: flags.weights }),
        };
  const teller = flags.json ? jsonTeller() : progressTeller();
  const { writePreview } = await import('../../services/preview.ts');
  const { writeSamples } = await import('../../services/run-samples.ts');
  const previews: Promise<void>[] = [];
  // A picture that cannot be written is told and does not end the training.
  const preview = (run: string, event: Extract<TrainingEvent, { kind: 'evaluated' }>): void => {
    const tellFailure = (error: Error): void => {
      process.stderr.write(`warning: no preview of ${event.stage} ${event.iteration}: ${error.message}\n`);
    };
    for (const write of [writePreview, writeSamples]) previews.push(write(project, run, event).catch(tellFailure));
  };
  try {
    const result = await interruptible('Training stopped.', (signal) =>
      trainProject(project, {
        engine,
        begin,
        signal,
        onEvent: (event, run) => {
          if (event.kind === 'evaluated') preview(run, event);
          teller.tell(event);
        },
      }),
    );
    await Promise.all(previews);
    teller.stop();
    // As after any Ctrl-C: what was chained to this command does not start.
    if (result.status === 'stopped') process.exitCode = INTERRUPTED;
    if (flags.json) printJson(result);
    else if (result.status === 'stopped') {
      print(`Saved. Go on with: unia train --project ${flags.project} --resume ${result.run}`);
    } else print(`${result.run} is trained. Next: unia predict --project ${flags.project} --run ${result.run}`);
  } finally {
    teller.stop();
  }
}

/** The preset with the changes that the command line makes to it. */
async function askedRecipe(flags: Flags): Promise<TrainingConfig> {
  const [{ presetOf }, { withSettings }, plan] = await Promise.all([
    import('../../../src-core/training/presets.ts'),
    import('../../../src-core/training/config.ts'),
    import('../../services/time-plan.ts'),
  ]);
  let config: TrainingConfig;
  try {
    config = withSettings(presetOf(flags.preset ?? 'acdc'), flags.set ?? {});
  } catch (cause) {
    throw new MisuseError((cause as Error).message, { cause });
  }
  if (flags.warmUp !== undefined) {
    const iterations = flags.warmUp === true ? WARM_UP_ITERATIONS : flags.warmUp;
    config = { ...config, warmUp: { ...config.warmUp, iterations } };
  }
  return flags.iterations === undefined ? config : plan.withTotal(config, flags.iterations);
}

/** The recipe with the iterations that fit the minutes, measured here. */
async function fitted(
  project: Project,
  engine: Engine,
  config: TrainingConfig,
  minutes: number,
): Promise<TrainingConfig> {
  const [plan, { openImageData }] = await Promise.all([
    import('../../services/time-plan.ts'),
    import('../../services/image-data.ts'),
  ]);
  const data = openImageData(project);
  const images = data.items.filter(({ split }) => split === 'train').length;
  return plan.fittedTo(minutes, config, await plan.measureSteps(data, engine, config), images);
}

interface Teller {
  tell(event: TrainingEvent): void;
  stop(): void;
}

function jsonTeller(): Teller {
  return {
    tell(event) {
      if (event.kind === 'checkpoint') return;
      const { samples: _pictures, ...facts } = { samples: undefined, ...event };
      process.stdout.write(`${JSON.stringify(facts)}\n`);
    },
    stop() {},
  };
}

/** One bar per stage, its note the losses; measures as lines above it. */
function progressTeller(): Teller {
  let progress: Progress | undefined;
  let shown = '';
  let started = performance.now();
  const stop = (): void => {
    progress?.stop();
    progress = undefined;
  };
  const bar = (label: string, total: number, unit: string, from: number): Progress => {
    if (shown !== label) stop();
    shown = label;
    progress ??= startProgress(label, total, unit, from);
    return progress;
  };
  return {
    stop,
    tell(event) {
      switch (event.kind) {
        case 'stage':
          stop();
          started = performance.now();
          return;
        case 'step':
          bar(event.stage, event.iterations, 'steps', event.iteration - 1).update(
            event.iteration,
            lossNote(event.losses, event.learningRate),
          );
          return;
        case 'pseudo-masks':
          bar('pseudo masks', event.total, 'images', 0).update(event.done);
          return;
        case 'evaluated':
          progress?.log(measureLine(event));
          return;
        case 'stopped':
        case 'finished':
          stop();
          return;
        case 'checkpoint':
          progress?.log(
            `${event.checkpoint.stage} ${event.checkpoint.iteration}: saved after ${duration((performance.now() - started) / 1000)}`,
          );
      }
    },
  };
}

function lossNote(losses: Readonly<Record<string, number>>, learningRate: number): string {
  const terms = Object.entries(losses).map(([name, value]) => `${name} ${value.toPrecision(3)}`);
  return `${terms.join('  ')}  lr ${learningRate.toPrecision(2)}`;
}

function measureLine({ stage, iteration, measures }: Extract<TrainingEvent, { kind: 'evaluated' }>): string {
  const three = (value: number | null): string => (value === null ? '-' : value.toFixed(3));
  const parts = [
    `${stage} ${iteration}: ${measures.images} validation images, mAP ${three(measures.meanAveragePrecision)}`,
  ];
  if (measures.source) {
    parts.push(
      `${measures.source} DSC ${measures.dice.map(three).join(' ')}, CR ${measures.confusionRatio.map(three).join(' ')}`,
    );
  }
  return parts.join(', ');
}
