import {
  addN,
  differentiate,
  keep,
  minimum,
  mul,
  sqrt,
  square,
  sum,
  div,
  maximum,
  type Tensor,
} from '../tensor/index.ts';
import type { HostTensor, InPlaceStep, Program, Tensors, TensorSpec } from '../compile/index.ts';
import { float32Scalar } from '../compile/index.ts';
import type { Parameters } from '../unia/parameters.ts';
import { adamw, adamwStepSize, type AdamwOptions } from './adamw.ts';

/** Terms of an objective by name, each with its weight in the total. */
export type LossTerms = Readonly<Record<string, { readonly value: Tensor; readonly weight: number }>>;

export interface OptimiserOptions extends AdamwOptions {
  readonly headFactor: number;
  readonly clip: number | null;
}

/** A training step: the program's state holds weights and moments, its outputs are the terms and their total. */
export interface StepDefinition {
  readonly name: string;
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  /** Every weight the loss reads. */
  readonly weights: Readonly<Record<string, readonly number[]>>;
  /** Those of them that the step changes. */
  readonly trained: readonly string[];
  readonly optimiser: OptimiserOptions;
  loss(inputs: Tensors, parameters: Parameters): LossTerms;
}

const SCALAR: TensorSpec = { shape: [], dtype: 'float32' };
const STEP_SIZE_INPUTS = { rate: SCALAR, epsilon: SCALAR, keep: SCALAR, headRate: SCALAR, headKeep: SCALAR };

/** State names of the moments of a weight. */
export const FIRST = 'first:';
export const SECOND = 'second:';

/** The encoder's weights learn at the base rate, everything else `headFactor` times faster (method.md 10). */
export function isHead(name: string): boolean {
  return !name.startsWith('encoder.') && !name.startsWith('segmenter.');
}

/** The step's scalars at update number t = 1, 2, … and a learning rate. */
export function stepSizeInputs(options: OptimiserOptions, learningRate: number, t: number): Record<string, HostTensor> {
  const base = adamwStepSize(options, learningRate, t);
  const head = adamwStepSize(options, learningRate * options.headFactor, t);
  return {
    rate: float32Scalar(base.rate),
    epsilon: float32Scalar(base.epsilon),
    keep: float32Scalar(base.keep),
    headRate: float32Scalar(head.rate),
    headKeep: float32Scalar(head.keep),
  };
}

/** Names of what the first part of a step in place gives. */
const GRADIENT = 'gradient:';
const GRADIENT_SCALE = 'gradient scale';

/** Forward, backward and AdamW as one program. */
export function optimisedStep(step: StepDefinition): Program {
  const weights: Record<string, TensorSpec> = {};
  for (const [name, shape] of Object.entries(step.weights)) weights[name] = { shape, dtype: 'float32' };
  const moments: Record<string, TensorSpec> = {};
  for (const name of step.trained) {
    const spec = weights[name];
    if (!spec) throw new Error(`${step.name}: trained weight "${name}" is not among its weights`);
    moments[FIRST + name] = spec;
    moments[SECOND + name] = spec;
  }
  const inputs = { ...step.inputs, ...STEP_SIZE_INPUTS };
  return {
    name: step.name,
    inputs,
    state: { ...weights, ...moments },
    run: (feeds, values) => {
      const { outputs, gradients, scale } = lossAndGradients(step, feeds, values);
      const next: Record<string, Tensor> = {};
      for (const [name, raw] of gradients) {
        const move = moveOf(name);
        const gradient = scale ? mul(raw, scale) : raw;
        const size = { rate: feeds[move.rate]!, epsilon: feeds[move.epsilon]!, keep: feeds[move.keep]! };
        const before = { weight: values[name]!, first: values[move.first]!, second: values[move.second]! };
        const updated = adamw(step.optimiser, size, before, gradient);
        next[name] = updated.weight;
        next[move.first] = updated.first;
        next[move.second] = updated.second;
      }
      return { outputs, state: next };
    },
    inPlace: {
      gradients: {
        name: step.name,
        inputs,
        state: weights,
        run: (feeds, values) => {
          const { outputs, gradients, scale } = lossAndGradients(step, feeds, values);
          const named = Object.fromEntries([...gradients].map(([name, gradient]) => [GRADIENT + name, gradient]));
          return { outputs: { ...outputs, ...named, ...(scale && { [GRADIENT_SCALE]: scale }) } };
        },
      },
      ...(step.optimiser.clip !== null && { scale: GRADIENT_SCALE }),
      betas: step.optimiser.betas,
      moves: step.trained.map(moveOf),
    },
  };
}

function moveOf(weight: string): InPlaceStep['moves'][number] {
  const head = isHead(weight);
  return {
    gradient: GRADIENT + weight,
    weight,
    first: FIRST + weight,
    second: SECOND + weight,
    rate: head ? 'headRate' : 'rate',
    epsilon: 'epsilon',
    keep: head ? 'headKeep' : 'keep',
  };
}

/** The terms and their total, the gradients by weight, and what all of them are multiplied by where they are clipped. */
function lossAndGradients(
  step: StepDefinition,
  inputs: Tensors,
  values: Tensors,
): { readonly outputs: Tensors; readonly gradients: ReadonlyMap<string, Tensor>; readonly scale?: Tensor } {
  const held: Record<string, Tensor> = {};
  const total = (): Tensor => {
    const parameters = Object.fromEntries(Object.keys(step.weights).map((name) => [name, values[name]!]));
    const weighted = Object.entries(step.loss(inputs, parameters)).map(([name, { value, weight }]) => {
      // The tape's scope ends before the terms are read.
      held[name] = keep(value.clone());
      return mul(value, weight);
    });
    return weighted.length === 1 ? weighted[0]! : addN(weighted);
  };
  const { value, gradients } = differentiate(
    total,
    step.trained.map((name) => values[name]!),
  );
  const outputs: Record<string, Tensor> = { total: value };
  for (const [name, tensor] of Object.entries(held)) {
    outputs[name] = tensor.clone();
    tensor.dispose();
  }
  // A weight that this stage does not reach keeps its value, without decay.
  const reached = new Map(step.trained.flatMap((name, i) => (gradients[i] ? [[name, gradients[i]] as const] : [])));
  const { clip } = step.optimiser;
  return { outputs, gradients: reached, ...(clip !== null && { scale: clipScale([...reached.values()], clip) }) };
}

/** min(1, clip / ‖g‖) over all gradients together. */
function clipScale(gradients: readonly Tensor[], clip: number): Tensor {
  const norm = sqrt(addN(gradients.map((gradient) => sum(square(gradient)))));
  return minimum(1, div(clip, maximum(norm, 1e-12)));
}
