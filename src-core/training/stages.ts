// The stages of a run: which there are, how long they take, and what changes with the step (method.md 7).
import type { StageName } from './checkpoint.ts';
import type { TrainingConfig } from './config.ts';
import { learningRateFactor, openGates } from './schedule.ts';

/** The stages of a recipe in their order; one without iterations is left out. */
export function stagesOf(config: TrainingConfig): StageName[] {
  const main: StageName[] = config.objective === 'joint' ? ['joint'] : ['classification', 'segmentation'];
  return (['warm-up', ...main] as const).filter((stage) => iterationsOf(config, stage) > 0);
}

/** Iterations of a stage. */
export function iterationsOf(config: TrainingConfig, stage: StageName): number {
  switch (stage) {
    case 'warm-up':
      return config.warmUp.iterations;
    case 'joint':
    case 'classification':
      return config.schedule.iterations;
    case 'segmentation':
      return config.segmentationStage.iterations;
  }
}

/** Iterations of the stages that come before one. */
export function iterationsBefore(config: TrainingConfig, stage: StageName): number {
  const stages = stagesOf(config);
  return stages.slice(0, stages.indexOf(stage)).reduce((sum, name) => sum + iterationsOf(config, name), 0);
}

/** The learning rate of the encoder at step t of a stage. */
export function learningRateAt(config: TrainingConfig, stage: StageName, t: number): number {
  const { schedule, optimiser, segmentationStage, warmUp } = config;
  const base = { 'warm-up': warmUp.learningRate, segmentation: segmentationStage.learningRate }[stage as string];
  const total = iterationsOf(config, stage);
  return (base ?? optimiser.learningRate) * learningRateFactor({ ...schedule, total }, t);
}

/** Whether the paper's stage starts to learn segmentation at step t. */
export function opensSegmentation({ schedule }: TrainingConfig, stage: StageName, t: number): boolean {
  const open = (step: number): boolean => openGates(schedule, schedule.iterations, step).segmentation;
  return stage === 'joint' && open(t) && (t === 0 || !open(t - 1));
}
