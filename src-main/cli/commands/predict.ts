import { Option, type Command } from 'commander';
import type { Engine } from '../../../src-core/compile/index.ts';
import type { DataItem } from '../../../src-core/training/data.ts';
import { AdvisedError } from '../../services/advised-error.ts';
import type { PredictionSummary } from '../../services/predict.ts';
import type { Project } from '../../services/project.ts';
import { INTERRUPTED, interruptible } from '../interrupt.ts';
import { addExamples } from '../options.ts';
import { print, printJson, startProgress, type Progress } from '../output.ts';

interface Flags {
  readonly project: string;
  readonly run?: string;
  readonly engine: string;
  readonly split: 'all' | DataItem['split'];
  readonly again?: boolean;
  readonly json?: boolean;
}

/** `unia predict --project DIR`: masks and uncertainty for every image. */
export function registerPredict(program: Command): void {
  const command = program
    .command('predict')
    .summary('make masks and uncertainty maps with a trained run')
    .description(
      'For every image: CAM, the pseudo masks P1, P2, P3 and P, the segmentation, the uncertainty map and score, stored ' +
        'in the project. An interrupted prediction goes on where it stopped.',
    )
    .requiredOption('--project <dir>', 'project made by "unia import"')
    .option('--run <run>', 'run to predict with (default: the newest)')
    .option('--engine <name>', 'engine to compute on, as "unia doctor" lists them', 'auto')
    .addOption(
      new Option('--split <split>', 'only these images').choices(['all', 'train', 'validation', 'test']).default('all'),
    )
    .option('--again', 'also what the run has predicted before')
    .option('--json', 'print the summary as JSON')
    .action(runPredict);
  addExamples(command, [
    ['unia predict --project heart', 'every image, with the newest run'],
    ['unia predict --project heart --run run-001 --split test', 'the test patients only'],
  ]);
}

async function runPredict(flags: Flags): Promise<void> {
  const { Project } = await import('../../services/project.ts');
  const { trainedRuns } = await import('../../services/imported-masks.ts');
  const { openEngine } = await import('../engine-option.ts');
  const project = Project.open(flags.project);
  try {
    const run = flags.run ?? trainedRuns(project).at(-1)?.id;
    if (run === undefined) {
      const advice = { kind: 'train', project: flags.project } as const;
      throw new AdvisedError(`The project ${flags.project} has no run yet: train first`, advice);
    }
    const engine = await openEngine(flags.engine, flags.json === true);
    try {
      tell(await predictAndShow(project, engine, run, flags), flags);
    } finally {
      await engine.dispose();
    }
  } finally {
    project.close();
  }
}

async function predictAndShow(project: Project, engine: Engine, run: string, flags: Flags): Promise<PredictionSummary> {
  const { predictProject } = await import('../../services/predict.ts');
  let progress: Progress | undefined;
  try {
    return await interruptible('Prediction stopped.', (signal) =>
      predictProject(project, {
        engine,
        run,
        signal,
        again: flags.again === true,
        ...(flags.split !== 'all' && { splits: [flags.split] }),
        onProgress: (done, total) => {
          progress ??= startProgress('predict', total, 'images');
          progress.update(done);
        },
      }),
    );
  } finally {
    progress?.stop();
  }
}

function tell(summary: PredictionSummary, { project, json }: Flags): void {
  const { run, predicted, stopped, ignoredShare, vanished } = summary;
  // As after any Ctrl-C: what was chained to this command does not start.
  if (stopped) process.exitCode = INTERRUPTED;
  if (json) {
    printJson(summary);
    return;
  }
  const kept = summary.kept > 0 ? `, ${summary.kept} predicted before` : '';
  const lost =
    vanished.length > 0
      ? `\nThe segmentation shows next to nothing of ${vanished.join(', ')}, though the pseudo masks do`
      : '';
  const open = predicted > 0 ? `; the pseudo masks leave ${(100 * ignoredShare).toFixed(1)} % of the pixels open` : '';
  print(`${predicted} images predicted with ${run}${kept}${open}${lost}`);
  const next = stopped ? 'Go on with: unia predict' : 'Next: unia evaluate';
  print(`${next} --project ${project} --run ${run}`);
}
