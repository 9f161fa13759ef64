import type { StageName } from '../../src-core/training/checkpoint.ts';
import { withSettings, type TrainingConfig } from '../../src-core/training/config.ts';

/** A training that did not fit into memory, with the settings that make it fit. */
export class OutOfMemoryError extends Error {
  readonly settings: Readonly<Record<string, string>>;

  constructor(stage: StageName, settings: Readonly<Record<string, string>>, options?: ErrorOptions) {
    const changes = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    const advice = changes.length > 0 ? changes.join(' and ') : 'a smaller side of the images or a smaller encoder';
    super(`The engine ran out of memory in the stage ${stage}. Try ${advice}`, options);
    this.name = 'OutOfMemoryError';
    this.settings = settings;
  }
}

const OUT_OF_MEMORY = /bad_alloc|out of memory|\bOOM\b|failed to allocate|allocation failed|unable to allocate/i;

/** Out of memory is said with the settings that make the stage's step fit; other errors stay as they are. */
export function withMemoryAdvice(error: unknown, config: TrainingConfig, stage: StageName): Error {
  const told = error instanceof Error ? error : new Error(String(error));
  return OUT_OF_MEMORY.test(told.message) ? outOfMemory(config, stage, error) : told;
}

/** The error with its advice. */
export function outOfMemory(config: TrainingConfig, stage: StageName, cause: unknown): OutOfMemoryError {
  const smaller = imageCounts(config, stage).flatMap(([name, count]) =>
    count > 1 ? [[name, String(Math.floor(count / 2))] as const] : [],
  );
  return new OutOfMemoryError(stage, Object.fromEntries(smaller), { cause });
}

/** Settings that say how many images a step of the stage takes at once. */
function imageCounts({ batch, segmentationStage, warmUp }: TrainingConfig, stage: StageName): [string, number][] {
  switch (stage) {
    case 'warm-up':
      return [['warmUp.images', warmUp.images]];
    case 'segmentation':
      return [['segmentationStage.images', segmentationStage.images]];
    case 'joint':
    case 'classification':
      return [
        ['batch.images', batch.images],
        ...(batch.windowMode === 'crop' ? [['batch.windows', batch.windows] as [string, number]] : []),
      ];
  }
}

/** Settings that may change while a run goes on: what it has learned does not depend on them. */
const IMAGE_COUNTS: readonly string[] = ['warmUp.images', 'segmentationStage.images', 'batch.images', 'batch.windows'];

/** The recipe with other numbers of images a step; any other setting is an error that names it. */
export function withImageCounts(config: TrainingConfig, settings: Readonly<Record<string, string>>): TrainingConfig {
  const other = Object.keys(settings).find((name) => !IMAGE_COUNTS.includes(name));
  if (other !== undefined) {
    throw new Error(`Setting "${other}": a run that goes on can change only ${IMAGE_COUNTS.join(', ')}`);
  }
  return withSettings(config, settings);
}
