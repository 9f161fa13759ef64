import { describe, expect, it } from 'vitest';
import { float32, type HostTensors, type Program } from '../../../src-core/compile/index.ts';
import { mul, square, sum } from '../../../src-core/tensor/index.ts';
import { createRandom } from '../../../src-core/training/random.ts';
import { FIRST, optimisedStep, SECOND, stepSizeInputs } from '../../../src-core/training/optimised-step.ts';
import { createOnnxRuntimeEngine } from '../../../src-main/engines/onnxruntime.ts';

const optimiser = { betas: [0.9, 0.999], epsilon: 1e-8, decay: 0.05, headFactor: 10, clip: 1 } as const;
/** Longer than one part that the kernel takes, shorter than its four lanes, and between. */
const SIZES = { 'encoder.long': 16_384 * 2 + 5, 'head.short': 3, 'head.middle': 77 };
const engine = createOnnxRuntimeEngine({ provider: 'cpu', threads: 1 });

/** Loss Σ slope · weight²: gradients that change with the weights. */
const step = optimisedStep({
  name: 'step',
  inputs: Object.fromEntries(
    Object.entries(SIZES).map(([name, n]) => [`slope ${name}`, { shape: [n], dtype: 'float32' }]),
  ),
  weights: Object.fromEntries(Object.entries(SIZES).map(([name, n]) => [name, [n]])),
  trained: Object.keys(SIZES),
  optimiser,
  loss: (slopes, weights) =>
    Object.fromEntries(
      Object.keys(SIZES).map((name) => [
        `loss of ${name}`,
        { value: sum(mul(slopes[`slope ${name}`]!, square(weights[name]!))), weight: 1 },
      ]),
    ),
});

function drawn(seed: number, prefix = ''): HostTensors {
  const random = createRandom(seed);
  return Object.fromEntries(
    Object.entries(SIZES).map(([name, n]) => [
      prefix + name,
      float32(
        [n],
        Float32Array.from({ length: n }, () => random.normal()),
      ),
    ]),
  );
}

function moments(): HostTensors {
  const zeros = Object.entries(SIZES).flatMap(([name, n]) =>
    [FIRST, SECOND].map((prefix) => [prefix + name, float32([n], new Float32Array(n))] as const),
  );
  return Object.fromEntries(zeros);
}

async function afterSteps(program: Program, count: number): Promise<{ outputs: HostTensors; state: HostTensors }> {
  const compiled = await engine.compile(program);
  const state = await engine.allocate({ ...drawn(1), ...moments() });
  let outputs: HostTensors = {};
  for (let t = 1; t <= count; t++) {
    outputs = await compiled.run({ ...drawn(t + 1, 'slope '), ...stepSizeInputs(optimiser, 1e-2, t) }, state);
  }
  const result = { outputs, state: await state.read() };
  await compiled.dispose();
  await state.dispose();
  return result;
}

describe('state that is updated where it lies', () => {
  it('becomes what the traced update makes of it', async () => {
    const { inPlace, ...traced } = step;
    expect(inPlace).toBeDefined();
    const [found, expected] = [await afterSteps(step, 5), await afterSteps(traced, 5)];
    expect(Object.keys(found.state).sort()).toEqual(Object.keys(expected.state).sort());
    for (const [name, { data }] of Object.entries(expected.state)) {
      const [values, others] = [Array.from(data), found.state[name]!.data];
      const largest = Math.max(...values.map(Math.abs));
      const worst = Math.max(...values.map((value, i) => Math.abs(value - others[i]!)));
      // A few roundings of float32: the runtime approximates the root and the quotient.
      expect(worst / largest, name).toBeLessThan(1e-6);
    }
  });

  it('gives the outputs of the whole step and nothing of its gradients', async () => {
    const { inPlace: _, ...traced } = step;
    expect((await afterSteps(step, 1)).outputs).toEqual((await afterSteps(traced, 1)).outputs);
  });

  it('is the same to the bit when it is done again', async () => {
    expect(await afterSteps(step, 3)).toEqual(await afterSteps(step, 3));
  });
});
