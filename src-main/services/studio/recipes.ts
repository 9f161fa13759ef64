// Recipes of the open project, and how long they take here.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { RecipeFacts, RecipeSetting, TrainingPlan } from '../../../src-core/contract/train.ts';
import { parseConfig, settingNames, withSettings, type TrainingConfig } from '../../../src-core/training/config.ts';
import type { PRESETS } from '../../../src-core/training/presets.ts';
import { presetOf } from '../../../src-core/training/presets.ts';
import { iterationsOf, stagesOf } from '../../../src-core/training/stages.ts';
import type { Project } from '../project.ts';
import { expectedSeconds, fittedTo, withTotal, type StepTimes } from '../time-plan.ts';
import { SUGGESTED_RECIPE } from './sample.ts';

const SUGGESTED = 'suggested';
/** The easy ones first. */
const ORDER = ['quick', 'acdc', 'released', 'paper', 'voc', 'coco'] as const satisfies (keyof typeof PRESETS)[];

const STEP_TIMES = 'step-times';
const TIMES = z.record(
  z.string(),
  z.object({
    secondsPerStep: z.partialRecord(z.enum(['warm-up', 'joint', 'classification', 'segmentation']), z.number()),
    secondsPerMask: z.number(),
    secondsPerLook: z.number(),
  }),
);
/** Measurements that are kept; the oldest go. */
const KEPT = 24;

/** The recipe that suits the project, where there is one, and the presets. */
export function listRecipes(project: Project, engine: string | undefined): RecipeFacts[] {
  const ids = project.setting(SUGGESTED_RECIPE) === undefined ? ORDER : [SUGGESTED, ...ORDER];
  return ids.map((id) => {
    const config = recipeOf(project, id);
    const times = engine === undefined ? undefined : knownTimes(project, engine, config);
    return {
      id,
      encoder: config.encoder,
      side: config.data.side,
      steps: stagesOf(config).reduce((sum, stage) => sum + iterationsOf(config, stage), 0),
      wantsWeights: config.encoder.startsWith('vit'),
      seconds: times ? expectedSeconds(config, times, trainingImages(project)) : null,
    };
  });
}

/** The recipe of that name; an unknown one is an error that lists them. */
export function recipeOf(project: Project, id: string): TrainingConfig {
  return id === SUGGESTED ? { ...parseConfig(project.setting(SUGGESTED_RECIPE)), preset: id } : presetOf(id);
}

/** Every setting of a recipe with its value. */
export function recipeSettings(project: Project, id: string): RecipeSetting[] {
  const config = recipeOf(project, id);
  return settingNames(config).map((name) => ({ name, value: JSON.stringify(valueAt(config, name)) }));
}

function valueAt(config: TrainingConfig, name: string): unknown {
  // Names come from the configuration itself.
  return name.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], config);
}

/** The recipe with the plan's changes, before its time is fitted; a setting that makes no sense is an error that names it. */
export function plannedConfig(project: Project, { recipe, settings, length }: TrainingPlan): TrainingConfig {
  const config = withSettings(recipeOf(project, recipe), settings);
  return length && 'iterations' in length ? withTotal(config, length.iterations) : config;
}

/** The recipe with the iterations that fit the minutes. */
export function fittedConfig(project: Project, config: TrainingConfig, minutes: number, times: StepTimes) {
  return fittedTo(minutes, config, times, trainingImages(project));
}

export function trainingImages(project: Project): number {
  return project.items.filter(({ split }) => split === 'train').length;
}

/** What was measured of a recipe's steps on an engine; undefined where nothing was. */
export function knownTimes(project: Project, engine: string, config: TrainingConfig): StepTimes | undefined {
  const times = TIMES.safeParse(project.setting(STEP_TIMES)).data?.[keyOf(project, engine, config)];
  return times; // JSON leaves absent parts out
}

export function noteTimes(project: Project, engine: string, config: TrainingConfig, times: StepTimes): void {
  const before = TIMES.safeParse(project.setting(STEP_TIMES)).data ?? {};
  const entries = Object.entries({ ...before, [keyOf(project, engine, config)]: times });
  project.setSetting(STEP_TIMES, Object.fromEntries(entries.slice(-KEPT)));
}

/** Steps take as long whatever their number, but not with other images or another engine. */
function keyOf(project: Project, engine: string, config: TrainingConfig): string {
  const { schedule, segmentationStage, warmUp } = config;
  const once = <Stage extends { readonly iterations: number }>(stage: Stage): Stage => ({
    ...stage,
    iterations: Math.min(1, stage.iterations),
  });
  const lengthless = {
    ...config,
    preset: '',
    schedule: once(schedule),
    segmentationStage: once(segmentationStage),
    warmUp: once(warmUp),
  };
  const tags = Number(project.database.prepare('SELECT count(*) AS n FROM tags').get()?.['n']);
  const facts = [engine, lengthless, trainingImages(project), tags];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16);
}
