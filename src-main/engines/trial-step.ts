// Training steps on made-up images, to measure an engine and to see where its operators run.
import {
  float32,
  type HostTensor,
  type HostTensors,
  type Program,
  type TensorSpec,
} from '../../src-core/compile/index.ts';
import { withSettings, type TrainingConfig } from '../../src-core/training/config.ts';
import { initialWeights } from '../../src-core/training/initial-state.ts';
import { classificationObjective, jointObjective, taggedInputs } from '../../src-core/training/objective.ts';
import { FIRST, optimisedStep, SECOND, stepSizeInputs } from '../../src-core/training/optimised-step.ts';
import { presetOf } from '../../src-core/training/presets.ts';
import { createRandom } from '../../src-core/training/random.ts';
import type { Gates } from '../../src-core/training/schedule.ts';

/** A program with the values to run it on. */
export interface TrialStep {
  readonly program: Program;
  readonly state: HostTensors;
  /** Inputs of update t = 1, 2, … */
  inputs(t: number): HostTensors;
}

const CLASSES = 3;
const ALL_OPEN: Gates = {
  segmentation: true,
  secondComplement: true,
  auxiliaryToFinal: true,
  extraComplement: true,
  uncertaintyAndAffinity: true,
};

/** Every operator once or twice: repetitions only make a driver compile more kernels. */
const SHORT = {
  encoder: 'hybrid-tiny',
  'cam.scales': '[1, 0.5]',
  'refinement.rounds': '2',
  'refinement.dilations': '[1, 2]',
  'uncertainty.samples': '2',
};

/** The step that engines are measured by: classification on 32 windows of 48 px, as the preset `quick` trains. */
export function measuredStep(): TrialStep {
  const config = presetOf('quick');
  const { windows, windowSide } = config.batch;
  return trialStep(config, windows, windowSide, (inputs, weights) =>
    classificationObjective(config, ALL_OPEN, inputs, weights),
  );
}

/**
 * One whole iteration of the preset `released` on a small encoder: every operator that training uses.
 *
 * @param settings - changes to the recipe, as given to `--set`
 */
export function wholeStep(settings: Readonly<Record<string, string>> = {}, images = 1, side = 32): TrialStep {
  const config = withSettings(presetOf('released'), { ...SHORT, ...settings });
  return trialStep(config, images, side, (inputs, weights) => jointObjective(config, ALL_OPEN, inputs, weights));
}

function trialStep(
  config: TrainingConfig,
  images: number,
  side: number,
  loss: Parameters<typeof optimisedStep>[0]['loss'],
): TrialStep {
  const weights = initialWeights(config, CLASSES);
  const trained = Object.keys(weights).filter((name) => !(config.freezePositionTable && name === 'encoder.pos_embed'));
  const inputs = taggedInputs(config, { images, side, windows: 0 }, CLASSES);
  const program = optimisedStep({
    name: `${config.preset} step`,
    inputs,
    weights: Object.fromEntries(Object.entries(weights).map(([name, { shape }]) => [name, shape])),
    trained,
    optimiser: config.optimiser,
    loss,
  });
  const moments = trained.flatMap((name) => [
    [FIRST + name, zerosLike(weights[name]!)] as const,
    [SECOND + name, zerosLike(weights[name]!)] as const,
  ]);
  const values = Object.fromEntries(Object.entries(inputs).map(([name, spec]) => [name, madeUp(name, spec)]));
  return {
    program,
    state: { ...weights, ...Object.fromEntries(moments) },
    inputs: (t) => ({ ...values, ...stepSizeInputs(config.optimiser, config.optimiser.learningRate, t) }),
  };
}

function zerosLike({ shape, data }: HostTensor): HostTensor {
  return float32(shape, new Float32Array(data.length));
}

/** Images and noise are normal numbers, of the tags every second is present, nothing has been reviewed. */
function madeUp(name: string, { shape }: TensorSpec): HostTensor {
  const size = shape.reduce((product, n) => product * n, 1);
  const random = createRandom(1).fork(name);
  const value = (_: unknown, i: number): number => {
    if (name === 'present') return i % 2 === 0 ? 1 : 0;
    return name === 'reviewed' ? 255 : random.normal();
  };
  return float32(shape, Float32Array.from({ length: size }, value));
}
