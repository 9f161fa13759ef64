import { Option, type Command } from 'commander';
import type { DataItem } from '../../../src-core/training/data.ts';
import { interruptible } from '../interrupt.ts';
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
  const { predictProject } = await import('../../services/predict.ts');
  const { openEngine } = await import('../engine-option.ts');
  const project = Project.open(flags.project);
  try {
    const run = flags.run ?? project.runs().at(-1)?.id;
    if (run === undefined) throw new Error(`The project ${flags.project} has no run yet: train first`);
    const engine = await openEngine(flags.engine, flags.json === true);
    let progress: Progress | undefined;
    const summary = await interruptible('Prediction stopped.', (signal) =>
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
    progress?.stop();
    await engine.dispose();
    if (flags.json) printJson(summary);
    else {
      const kept = summary.kept > 0 ? `, ${summary.kept} predicted before` : '';
      print(
        `${summary.predicted} images predicted with ${run}${kept}; the pseudo masks leave ${(100 * summary.ignoredShare).toFixed(1)} % of the pixels open`,
      );
      if (summary.stopped) print(`Go on with: unia predict --project ${flags.project} --run ${run}`);
      else print(`Next: unia evaluate --project ${flags.project} --run ${run}`);
    }
  } finally {
    project.close();
  }
}
