// Going on from another run: its weights in a new run, and the recipe that learns from what a person has drawn.
import type { HostTensors } from '../compile/index.ts';
import { hasSegmentation, weightsOf, type Checkpoint } from './checkpoint.ts';
import type { TrainingConfig } from './config.ts';
import { initialWeights } from './initial-state.ts';

/** Half of each step's images are reviewed ones: a few corrections among hundreds of pseudo masks would not be heard. */
const REVIEWED_SHARE = 0.5;
/** Of the iterations and of the learning rate of the run that is gone on from. */
const LENGTH = 0.5;
const RATE = 0.5;

/**
 * Weights of a new run that goes on from a checkpoint. Parts that the recipe has beyond it begin anew; another encoder is an
 * error that names both.
 */
export function continuedWeights(
  config: TrainingConfig,
  classes: number,
  run: string,
  checkpoint: Checkpoint,
): HostTensors {
  const learned = weightsOf(checkpoint.state);
  const fresh = initialWeights(config, classes);
  for (const [name, { shape }] of Object.entries(fresh)) {
    const found = learned[name]?.shape;
    if (found ? found.join() === shape.join() : !name.startsWith('encoder.')) continue;
    const expected = `a run with the encoder ${config.encoder}`;
    throw new Error(
      `Start from: expected ${expected}, got ${run} with ${checkpoint.config.encoder} ("${name}" differs)`,
    );
  }
  return Object.fromEntries(Object.entries(fresh).map(([name, value]) => [name, learned[name] ?? value]));
}

/**
 * The recipe that goes on from a run to learn from reviewed masks: segmentation alone where the run was staged, since tags have
 * taught it all they can. Throws where the run has not come to segmentation.
 */
export function correctionsRecipe(
  run: string,
  checkpoint: Pick<Checkpoint, 'config' | 'stage' | 'iteration'>,
): TrainingConfig {
  if (!hasSegmentation(checkpoint)) {
    throw new Error(
      `${run} has not learned segmentation yet: let it train to its end before it learns from corrections`,
    );
  }
  const { config } = checkpoint;
  // Later rounds of corrections are like the first one.
  if (!config.segmentation.copyEncoder) return config;
  const { schedule, segmentationStage, optimiser, batch, warmUp, segmentation } = config;
  const shorter = (iterations: number): number => Math.max(1, Math.round(iterations * LENGTH));
  const common: TrainingConfig = {
    ...config,
    warmUp: { ...warmUp, iterations: 0 },
    segmentation: { ...segmentation, copyEncoder: false },
    batch: { ...batch, reviewedShare: REVIEWED_SHARE },
  };
  if (config.objective === 'staged') {
    const { iterations, learningRate } = segmentationStage;
    return {
      ...common,
      schedule: { ...schedule, iterations: 0 },
      segmentationStage: { ...segmentationStage, iterations: shorter(iterations), learningRate: learningRate * RATE },
    };
  }
  const open = { segmentation: 0, secondComplement: 0, auxiliaryToFinal: 0, uncertaintyAndAffinity: 0 };
  return {
    ...common,
    optimiser: { ...optimiser, learningRate: optimiser.learningRate * RATE },
    schedule: { ...schedule, ...open, iterations: shorter(schedule.iterations) },
  };
}
