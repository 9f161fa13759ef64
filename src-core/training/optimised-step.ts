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
import type { HostTensor, Program, Tensors, TensorSpec } from '../compile/index.ts';
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

/** Forward, backward and AdamW as one program. */
export function optimisedStep(step: StepDefinition): Program {
  const state: Record<string, TensorSpec> = {};
  for (const [name, shape] of Object.entries(step.weights)) state[name] = { shape, dtype: 'float32' };
  for (const name of step.trained) {
    const spec = state[name];
    if (!spec) throw new Error(`${step.name}: trained weight "${name}" is not among its weights`);
    state[FIRST + name] = spec;
    state[SECOND + name] = spec;
  }
  return {
    name: step.name,
    inputs: { ...step.inputs, ...STEP_SIZE_INPUTS },
    state,
    run: (inputs, values) => {
      const { outputs, gradients } = lossAndGradients(step, inputs, values);
      const scale = clipScale(gradients, step.optimiser.clip);
      const next: Record<string, Tensor> = {};
      step.trained.forEach((name, i) => {
        const raw = gradients[i];
        // A weight that this stage does not reach keeps its value, without decay.
        if (!raw) return;
        const gradient = scale ? mul(raw, scale) : raw;
        const head = isHead(name);
        const size = {
          rate: inputs[head ? 'headRate' : 'rate']!,
          epsilon: inputs['epsilon']!,
          keep: inputs[head ? 'headKeep' : 'keep']!,
        };
        const moments = { weight: values[name]!, first: values[FIRST + name]!, second: values[SECOND + name]! };
        const updated = adamw(step.optimiser, size, moments, gradient);
        next[name] = updated.weight;
        next[FIRST + name] = updated.first;
        next[SECOND + name] = updated.second;
      });
      return { outputs, state: next };
    },
  };
}

function lossAndGradients(
  step: StepDefinition,
  inputs: Tensors,
  values: Tensors,
): { readonly outputs: Tensors; readonly gradients: readonly (Tensor | undefined)[] } {
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
  return { outputs, gradients };
}

/** min(1, clip / ‖g‖) over all gradients together. */
function clipScale(gradients: readonly (Tensor | undefined)[], clip: number | null): Tensor | undefined {
  if (clip === null) return undefined;
  const squares = gradients.flatMap((gradient) => (gradient ? [sum(square(gradient))] : []));
  const norm = sqrt(addN(squares));
  return minimum(1, div(clip, maximum(norm, 1e-12)));
}
