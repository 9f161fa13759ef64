import { InvalidArgumentError, Option, type Command } from 'commander';
import type { AblationGroup, AblationRow } from '../../../src-core/training/ablation.ts';
import type { TrainingConfig } from '../../../src-core/training/config.ts';
import type { TrainingEvent } from '../../../src-core/training/train.ts';
import type { DataItem } from '../../../src-core/training/data.ts';
import type { Project } from '../../services/project.ts';
import { MisuseError } from '../errors.ts';
import { interruptible } from '../interrupt.ts';
import { addExamples, keyValue, nameList, positiveNumber, wholeNumber } from '../options.ts';
import { print, printJson, startProgress, table, type Progress } from '../output.ts';

/** Values of the options; commander fills in the defaults. */
interface Flags {
  readonly project: string;
  readonly preset: string;
  readonly group?: readonly string[];
  readonly samples?: readonly number[];
  readonly rows?: readonly string[];
  readonly iterations?: number;
  readonly minutes?: number;
  readonly weights?: string;
  readonly split: DataItem['split'];
  readonly engine: string;
  readonly set?: Readonly<Record<string, string>>;
  readonly list?: boolean;
  readonly json?: boolean;
}

/** `unia ablate --project DIR`: what each part of the method is worth. */
export function registerAblate(program: Command): void {
  const command = program
    .command('ablate')
    .summary('train with parts of the method switched off and compare')
    .description(
      'Trains once for each row of a table, with the same seed and iterations, predicts and measures. Groups of rows: ' +
        'parts (the paper’s Table IV: UiN, L_dis, MCR, L_aff added one after another), uncertainty (Table V: mean, ' +
        'channel or spatial branch only), samples (K of Eq. 7), recipe (the parts of a staged preset such as acdc). ' +
        'Ctrl-C saves; the same command again goes on with what is missing.',
    )
    .requiredOption('--project <dir>', 'project made by "unia import"')
    .option('--preset <name>', 'recipe that the rows change', 'acdc')
    .option(
      '--group <names>',
      'groups of rows: parts, uncertainty, samples, recipe (default: parts,uncertainty)',
      nameList,
    )
    .option('--samples <list>', 'a row for each K, such as 10,30,50,70', countList)
    .option('--rows <names>', 'only these rows, as --list names them', nameList)
    .addOption(
      new Option('--iterations <n>', 'iterations of all stages together, in each row')
        .argParser(wholeNumber(1))
        .conflicts('minutes'),
    )
    .option('--minutes <m>', 'fit the iterations so that the whole recipe trains this long', positiveNumber)
    .option('--weights <file>', 'timm ViT weights (.safetensors) that every row starts from')
    .addOption(
      new Option('--split <name>', 'images to measure on').choices(['test', 'validation', 'train']).default('test'),
    )
    .option('--engine <name>', 'engine to compute on, as "unia doctor" lists them', 'auto')
    .option('--set <key=value>', 'change a setting in every row; repeatable', keyValue)
    .option('--list', 'list the rows and what each changes, and train none')
    .option('--json', 'print the table as JSON')
    .action(runAblate);
  addExamples(command, [
    ['unia ablate --project heart --minutes 10', 'the parts of the acdc recipe, ten minutes a row'],
    ['unia ablate --project heart --group parts --rows baseline,+UiN --iterations 500', 'two rows of Table IV'],
    ['unia ablate --project birds --preset released --weights vit_base.safetensors', 'Tables IV and V'],
    ['unia ablate --project heart --group samples --samples 10,50 --list', 'what would be trained'],
  ]);
}

function countList(text: string): readonly number[] {
  return nameList(text).map((each) => {
    const count = Number(each);
    if (!Number.isInteger(count) || count < 1) {
      throw new InvalidArgumentError(`Expected whole numbers from 1 on, such as 10,30,50,70, got "${text}".`);
    }
    return count;
  });
}

async function runAblate(flags: Flags): Promise<void> {
  const preset = await presetWith(flags);
  const rows = await chooseRows(flags, preset);
  if (flags.list) {
    listRows(rows, flags.json === true);
    return;
  }
  const { Project } = await import('../../services/project.ts');
  const project = Project.open(flags.project);
  try {
    await ablateAndTell(project, flags, preset, rows);
  } finally {
    project.close();
  }
}

async function presetWith(flags: Flags): Promise<TrainingConfig> {
  const [{ presetOf }, { withSettings }] = await Promise.all([
    import('../../../src-core/training/presets.ts'),
    import('../../../src-core/training/config.ts'),
  ]);
  return asMisuse(() => withSettings(presetOf(flags.preset), flags.set ?? {}));
}

/** Rows as the command line asks for them, with the recipe's own iterations. */
async function chooseRows(flags: Flags, recipe: TrainingConfig): Promise<readonly AblationRow[]> {
  const { ABLATION_GROUPS, ablationRows, rowsNamed, USUAL_GROUPS } =
    await import('../../../src-core/training/ablation.ts');
  const groupNamed = (name: string): AblationGroup => {
    const group = ABLATION_GROUPS.find((each) => each === name);
    if (!group) throw new MisuseError(`--group: expected some of ${ABLATION_GROUPS.join(', ')}, got "${name}"`);
    return group;
  };
  const asked = flags.group?.map(groupNamed) ?? (flags.samples ? [] : USUAL_GROUPS);
  const groups = flags.samples && !asked.includes('samples') ? [...asked, 'samples' as const] : asked;
  return asMisuse(() => {
    const rows = ablationRows(recipe, groups, flags.samples);
    return flags.rows ? rowsNamed(rows, flags.rows) : rows;
  });
}

function asMisuse<Result>(choose: () => Result): Result {
  try {
    return choose();
  } catch (cause) {
    throw new MisuseError((cause as Error).message, { cause });
  }
}

function listRows(rows: readonly AblationRow[], json: boolean): void {
  const listed = rows.map(({ name, group, settings }) => ({ name, group, settings }));
  if (json) {
    printJson(listed);
    return;
  }
  const changes = (settings: AblationRow['settings']): string =>
    Object.entries(settings)
      .map(([key, value]) => `${key}=${value}`)
      .join(' ') || 'nothing';
  print(
    table(
      ['row', 'group', 'changes'],
      listed.map(({ name, group, settings }) => [name, group, changes(settings)]),
    ),
  );
}

async function ablateAndTell(
  project: Project,
  flags: Flags,
  preset: TrainingConfig,
  planned: readonly AblationRow[],
): Promise<void> {
  const [{ ablateProject, recipeForMinutes }, { renderAblation }, { withTotal }, { openEngine }] = await Promise.all([
    import('../../services/ablate.ts'),
    import('../../services/ablation-text.ts'),
    import('../../services/time-plan.ts'),
    import('../engine-option.ts'),
  ]);
  const engine = await openEngine(flags.engine, flags.json === true);
  const teller = rowTeller(planned.length);
  try {
    const recipe =
      flags.minutes !== undefined
        ? await recipeForMinutes(project, engine, preset, flags.minutes)
        : flags.iterations !== undefined
          ? withTotal(preset, flags.iterations)
          : preset;
    const rows = await chooseRows(flags, recipe);
    const ablation = await interruptible('Ablation stopped.', (signal) =>
      ablateProject(project, {
        engine,
        recipe,
        rows,
        split: flags.split,
        signal,
        ...(flags.weights !== undefined && { weights: flags.weights }),
        ...teller.hooks,
      }),
    );
    teller.stop();
    if (flags.json) printJson(ablation);
    else print(renderAblation(ablation));
    if (ablation.missing.length > 0) {
      process.stderr.write(`Still to do: ${ablation.missing.join(', ')}. The same command again goes on there.\n`);
    }
  } finally {
    teller.stop();
    await engine.dispose();
  }
}

/** A bar for each row's training and prediction. */
function rowTeller(count: number) {
  let progress: Progress | undefined;
  let label = '';
  const stop = (): void => {
    progress?.stop();
    progress = undefined;
  };
  let shown = '';
  const show = (part: string, total: number, unit: string, done: number): void => {
    const next = `${label} ${part}`.trim();
    if (shown !== next) stop();
    shown = next;
    progress ??= startProgress(next, total, unit, done);
    progress.update(done);
  };
  return {
    stop,
    hooks: {
      onRow: (row: AblationRow, index: number) => {
        label = `row ${index + 1}/${count} ${row.name}`;
      },
      onEvent: (event: TrainingEvent) => {
        if (event.kind === 'step') show('', event.total, 'steps', event.done);
        if (event.kind === 'pseudo-masks') show('pseudo masks', event.total, 'images', event.done);
      },
      onPredicted: (done: number, total: number) => show('predict', total, 'images', done),
    },
  };
}
