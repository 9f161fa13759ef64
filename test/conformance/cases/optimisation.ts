import { tensor, tidy, type Tensor } from '../../../src-core/tensor/index.ts';
import { adamw, adamwStepSize, type AdamwOptions, type AdamwState } from '../../../src-core/training/adamw.ts';
import { presetOf } from '../../../src-core/training/presets.ts';
import { learningRateFactor, openGates } from '../../../src-core/training/schedule.ts';
import type { NpyArray } from '../npz.ts';
import { npy, type CaseMap, type CaseOutputs, type CaseRun } from '../registry.ts';
import { toTensor } from '../tensors.ts';

/** What the reference set calls the release's extra step for ACDC opens here. */
const ACDC_EXTRA_SHARE = 0.45;

/** Schedule and optimiser: lr_factor with its gates, adamw_step. */
export const cases: CaseMap = {
  lr_factor({ options }) {
    const total = options['total'] as number; // index.json
    const { schedule } = presetOf('released');
    const steps = scheduleSteps(total);
    const gates = steps.map((t) => openGates({ ...schedule, extraComplement: ACDC_EXTRA_SHARE }, total, t));
    const opened = (name: keyof (typeof gates)[number]) =>
      npy(
        [steps.length],
        Uint8Array.from(gates, (gate) => Number(gate[name])),
      );
    return {
      t: npy([steps.length], Int32Array.from(steps)),
      factor: npy(
        [steps.length],
        steps.map((t) => learningRateFactor({ ...schedule, total }, t)),
      ),
      seg: opened('segmentation'),
      second_mcr: opened('secondComplement'),
      aux2final: opened('auxiliaryToFinal'),
      acdc_extra: opened('extraComplement'),
    };
  },

  adamw_step: (run) => tidy(() => adamwTrace(run) as never),
};

/** Weights after every step, and both moments in their usual scale at the end. */
function adamwTrace({ options, inputs }: CaseRun): CaseOutputs {
  const { p, grads } = inputs as { p: NpyArray; grads: NpyArray };
  const [beta1, beta2] = options['betas'] as [number, number]; // index.json
  const optimiser: AdamwOptions = {
    betas: [beta1, beta2],
    epsilon: options['eps'] as number,
    decay: options['decay'] as number,
  };
  const gradients = toTensor(grads).unstack();
  let state: AdamwState = { weight: toTensor(p), first: zeros(p.shape), second: zeros(p.shape) };
  const trace: number[] = [];
  gradients.forEach((gradient, i) => {
    const sizes = Object.entries(adamwStepSize(optimiser, options['lr'] as number, i + 1));
    const [rate, epsilon, keep] = sizes.map(([, value]) => tensor(value)) as [Tensor, Tensor, Tensor];
    state = adamw(optimiser, { rate, epsilon, keep }, state, gradient);
    trace.push(...state.weight.dataSync());
  });
  const scaled = (moment: Tensor, factor: number) =>
    npy(
      p.shape,
      Array.from(moment.dataSync(), (value) => value * factor),
    );
  return {
    trace: npy([gradients.length, ...p.shape], trace),
    m: scaled(state.first, 1 - beta1),
    v: scaled(state.second, 1 - beta2),
  };
}

function zeros(shape: readonly number[]): Tensor {
  return tensor(new Float32Array(shape.reduce((product, n) => product * n, 1)), [...shape]);
}

/** The set's choice of iterations: first, second, forty evenly spread (halves to the even side, as NumPy rounds), last. */
function scheduleSteps(total: number): number[] {
  const steps = Array.from({ length: 40 }, (_, i) => roundHalfToEven((i * total) / 40));
  return [...new Set([0, 1, ...steps, total - 1])].sort((a, b) => a - b);
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}
