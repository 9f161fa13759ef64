import { Option, type Command } from 'commander';
import type { EvaluationRequest, EvaluationSource, EvaluationSplit } from '../../services/evaluate.ts';
import { interruptible } from '../interrupt.ts';
import { addExamples } from '../options.ts';
import { print, printJson, startProgress, type Progress } from '../output.ts';

/** Values of the options; commander fills in the defaults. */
interface Flags {
  readonly project: string;
  readonly run?: string;
  readonly split: EvaluationSplit;
  readonly source?: EvaluationSource;
  readonly allSources?: boolean;
  readonly largestComponent?: boolean;
  readonly csv?: string;
  readonly json?: boolean;
}

/** `unia evaluate --project DIR`: masks against the truth. */
export function registerEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .summary('measure masks against the truth')
    .description(
      'Measures what a run predicted, or what was reviewed, against the masks that came with the images. Training never ' +
        'reads those masks; only the disc learns from them, on the training patients.',
    )
    .requiredOption('--project <dir>', 'project made by "unia import"')
    .option('--run <run>', 'run to measure (default: the newest that has predicted)')
    .addOption(
      new Option('--split <name>', 'images to measure on')
        .choices(['test', 'validation', 'train', 'all'])
        .default('test'),
    )
    .addOption(
      new Option('--source <name>', 'masks to measure (default: segmentation where there is one, else pseudo)')
        .choices(['cam', 'p1', 'p2', 'p3', 'pseudo', 'segmentation', 'reviewed', 'disc'])
        .conflicts('allSources'),
    )
    .option('--all-sources', 'one row for each of CAM, P1, P2, P3, P, segmentation and a disc that learns nothing')
    .option('--largest-component', 'keep only the largest piece of each class in each volume')
    .option('--csv <file>', 'also write DSC and HD95 of every volume to this file')
    .option('--json', 'print the whole report as JSON')
    .action(runEvaluate);
  addExamples(command, [
    ['unia evaluate --project heart', 'segmentation (or pseudo masks) of the newest run on the test patients'],
    ['unia evaluate --project heart --all-sources', 'every stage of the masks beside the no-learning disc'],
    ['unia evaluate --project heart --source reviewed --split all', 'what a person accepted or corrected'],
    ['unia evaluate --project heart --csv volumes.csv --json', 'for spreadsheets and programs'],
  ]);
}

async function runEvaluate(flags: Flags): Promise<void> {
  const [{ Project }, { evaluateProject }, text] = await Promise.all([
    import('../../services/project.ts'),
    import('../../services/evaluate.ts'),
    import('../../services/evaluation-text.ts'),
  ]);
  const project = Project.open(flags.project, 'read');
  let progress: Progress | undefined;
  try {
    const evaluation = await interruptible('Evaluation stopped.', (signal) =>
      evaluateProject(
        project,
        requestOf(flags),
        (done, total) => {
          progress ??= startProgress('evaluate', total, 'volumes');
          progress.update(done);
        },
        signal,
      ).finally(() => progress?.stop()),
    );
    if (flags.csv !== undefined) {
      const { default: writeFileAtomic } = await import('write-file-atomic');
      await writeFileAtomic(flags.csv, text.volumesAsCsv(evaluation));
    }
    if (flags.json) printJson({ ...evaluation, notes: text.evaluationNotes(evaluation) });
    else print(text.renderEvaluation(evaluation));
  } finally {
    project.close();
  }
}

function requestOf({ run, split, source, allSources, largestComponent }: Flags): EvaluationRequest {
  const asked = allSources ? 'all' : source;
  return {
    split,
    ...(run !== undefined && { run }),
    ...(asked !== undefined && { source: asked }),
    ...(largestComponent && { largestComponent }),
  };
}
