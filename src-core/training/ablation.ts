// The rows of an ablation: a recipe with parts switched off. Tables IV and V of the paper (method.md 8), and for the staged
// recipes that small data is trained by, the switches that matter there (acdc-study.md).
import { withSettings, type TrainingConfig } from './config.ts';

/** `parts`: Table IV; `uncertainty`: Table V; `samples`: K of Eq. 7; `recipe`: parts of a staged recipe. */
export const ABLATION_GROUPS = ['parts', 'uncertainty', 'samples', 'recipe'] as const;
export type AblationGroup = (typeof ABLATION_GROUPS)[number];

/** K of the paper's own table. */
export const PAPER_SAMPLES: readonly number[] = [10, 30, 50, 70];

export interface AblationRow {
  readonly name: string;
  readonly group: AblationGroup;
  /** Changes to the recipe. */
  readonly settings: Readonly<Record<string, string>>;
  readonly config: TrainingConfig;
}

type Settings = Readonly<Record<string, string>>;
type Named = readonly [name: string, settings: Settings];

/** Groups that are run when nobody names one: the paper's two tables. */
export const USUAL_GROUPS: readonly AblationGroup[] = ['parts', 'uncertainty'];

/**
 * The rows of the groups over a recipe, each with the seed and the iterations of the recipe.
 * Throws where a group does not apply to it.
 */
export function ablationRows(
  recipe: TrainingConfig,
  groups: readonly AblationGroup[],
  samples: readonly number[] = PAPER_SAMPLES,
): AblationRow[] {
  return groups.flatMap((group) =>
    namedRows(group, recipe, samples).map(([name, settings]) => ({
      name,
      group,
      settings,
      config: withSettings(recipe, settings),
    })),
  );
}

function namedRows(group: AblationGroup, recipe: TrainingConfig, samples: readonly number[]): readonly Named[] {
  switch (group) {
    case 'parts':
      return partRows(recipe);
    case 'uncertainty':
      return [
        ['UiN mean only', { 'uncertainty.deviation': 'false' }],
        ['UiN channel only', { 'uncertainty.spatial': 'false' }],
        ['UiN spatial only', { 'uncertainty.channel': 'false' }],
        ['UiN all', {}],
      ];
    case 'samples':
      return samples.map((count) => [`K ${count}`, { 'uncertainty.samples': String(count) }]);
    case 'recipe':
      return recipeRows(recipe);
  }
}

/** Table IV: parts are added one after another. The staged objective has no L_aff, so its table ends with MCR. */
function partRows(recipe: TrainingConfig): readonly Named[] {
  const staged = recipe.objective === 'staged';
  const noUncertainty: Settings = { 'uncertainty.enabled': 'false' };
  const noDistribution: Settings = { 'losses.distribution': '0' };
  const noAffinity: Settings = staged ? {} : { 'losses.affinity': '0' };
  const labels: Settings = staged ? { 'segmentation.labels': 'final' } : {};
  const noComplement: Settings = { complement: 'false', ...(staged ? labels : P2_THROUGHOUT) };
  return [
    ['baseline', { ...noUncertainty, ...noDistribution, ...noComplement, ...noAffinity }],
    ['+UiN', { ...noDistribution, ...noComplement, ...noAffinity }],
    ['+L_dis', { ...noComplement, ...noAffinity }],
    ['+MCR', { ...labels, ...noAffinity }],
    ...(staged ? [] : [['+L_aff', {}] as const]),
  ];
}

/** Without MCR P would be P3, which an affinity that nothing trains leaves empty: P2 teaches instead. */
const P2_THROUGHOUT: Settings = { 'segmentation.labels': 'released', 'schedule.auxiliaryToFinal': '1' };

/** What a staged recipe is made of, one thing changed in each row. */
function recipeRows({ objective }: TrainingConfig): readonly Named[] {
  if (objective !== 'staged') {
    throw new Error(`ablation group recipe: expected a staged preset such as acdc or quick, got a ${objective} one`);
  }
  return [
    ['recipe', {}],
    ['MCR labels', { 'segmentation.labels': 'final' }],
    ['P3 labels', { 'segmentation.labels': 'final', complement: 'false' }],
    // A token that only knows itself walks nowhere.
    ['no walk', { 'walk.radius': '0.5' }],
    ['no PAR', { 'refinement.rounds': '0' }],
    ['no UiN', { 'uncertainty.enabled': 'false' }],
    ['no L_dis', { 'losses.distribution': '0' }],
    ['GMP', { pooling: 'gmp' }],
    ['windows as crops', { 'batch.windowMode': 'crop', 'batch.windows': '32' }],
    ['no quarter turns', { 'augmentation.quarterTurns': 'false' }],
    ['CAM two scales', { 'cam.scales': '[1, 1.5]' }],
  ];
}

/** The rows of these names, in the order of the table. Throws where a name is not among them. */
export function rowsNamed(rows: readonly AblationRow[], names: readonly string[]): AblationRow[] {
  const unknown = names.find((name) => !rows.some((row) => row.name === name));
  if (unknown !== undefined) {
    throw new Error(`rows: expected some of ${rows.map(({ name }) => name).join(', ')}, got "${unknown}"`);
  }
  return rows.filter(({ name }) => names.includes(name));
}
