import { describe, expect, it } from 'vitest';
import { float32, type HostTensors } from '../../../src-core/compile/index.ts';
import { mul, sum } from '../../../src-core/tensor/index.ts';
import { FIRST, optimisedStep, SECOND, stepSizeInputs } from '../../../src-core/training/optimised-step.ts';
import { createOnnxRuntimeEngine } from '../../../src-main/engines/onnxruntime.ts';
import { createTfjsEngine } from '../../../src-main/engines/tfjs.ts';

const engines = [createOnnxRuntimeEngine({ provider: 'cpu', threads: 1 }), await createTfjsEngine('cpu')];
const optimiser = { betas: [0, 0], epsilon: 1, decay: 0.5, headFactor: 10, clip: null } as const;
const SHAPES = { 'encoder.a': [2], 'head.b': [1], 'idle.c': [1] };

/** One step of loss 3·a0 + 4·a1 + 0·b with betas 0 and epsilon 1: each weight moves by rate · g / (|g| + 1). */
async function stepped(
  engine: (typeof engines)[number],
  options: { readonly clip?: number; readonly trained?: readonly string[] } = {},
): Promise<{ readonly state: HostTensors; readonly outputs: HostTensors }> {
  const own = { ...optimiser, clip: options.clip ?? null };
  const program = await engine.compile(
    optimisedStep({
      name: 'step',
      inputs: { slope: { shape: [2], dtype: 'float32' } },
      weights: SHAPES,
      trained: options.trained ?? Object.keys(SHAPES),
      optimiser: own,
      loss: ({ slope }, parameters) => ({
        first: { value: sum(mul(parameters['encoder.a']!, slope!)), weight: 1 },
        second: { value: sum(parameters['head.b']!), weight: 2 },
      }),
    }),
  );
  const values = Object.entries(SHAPES).flatMap(([name, shape]) => [
    [name, float32(shape, new Float32Array(shape[0]!).fill(1))] as const,
    ...[FIRST, SECOND].map((prefix) => [prefix + name, float32(shape, new Float32Array(shape[0]!))] as const),
  ]);
  const state = await engine.allocate(Object.fromEntries(values));
  const inputs = { slope: float32([2], Float32Array.of(3, 4)), ...stepSizeInputs(own, 0.1, 1) };
  const outputs = await program.run(inputs, state);
  const after = { state: await state.read(), outputs };
  await program.dispose();
  await state.dispose();
  return after;
}

describe.for(engines)('an optimised step on $name', (engine) => {
  it('gives every term and their weighted total', async () => {
    const { outputs } = await stepped(engine);
    expect(outputs['first']!.data[0]).toBeCloseTo(7, 5);
    expect(outputs['second']!.data[0]).toBeCloseTo(1, 5);
    expect(outputs['total']!.data[0]).toBeCloseTo(9, 5);
  });

  it('moves the encoder at the rate and all else ten times faster, with decay', async () => {
    const { state } = await stepped(engine);
    // Decay keeps 1 - 0.1 · 0.5 of the encoder and 1 - 1 · 0.5 of the head.
    expect(state['encoder.a']!.data[0]).toBeCloseTo(0.95 - (0.1 * 3) / 4, 5);
    expect(state['encoder.a']!.data[1]).toBeCloseTo(0.95 - (0.1 * 4) / 5, 5);
    expect(state['head.b']!.data[0]).toBeCloseTo(0.5 - (1 * 2) / 3, 5);
  });

  it('leaves a weight that the loss does not reach without a step and without decay', async () => {
    const { state } = await stepped(engine);
    expect([state['idle.c']!.data[0], state[`${FIRST}idle.c`]!.data[0]]).toEqual([1, 0]);
  });

  it('leaves a weight that is not trained as it is', async () => {
    const { state } = await stepped(engine, { trained: ['head.b'] });
    expect([...state['encoder.a']!.data]).toEqual([1, 1]);
    expect(state['head.b']!.data[0]).not.toBe(1);
  });

  it('shortens all gradients together when their norm is over the limit', async () => {
    // ‖(3, 4, 2)‖ = √29, clipped to 1.
    const { state } = await stepped(engine, { clip: 1 });
    const clipped = 3 / Math.sqrt(29);
    expect(state['encoder.a']!.data[0]).toBeCloseTo(0.95 - (0.1 * clipped) / (clipped + 1), 5);
    // A limit above the norm changes nothing.
    const free = await stepped(engine, { clip: 100 });
    expect(free.state['encoder.a']!.data[0]).toBeCloseTo(0.95 - (0.1 * 3) / 4, 5);
  });
});

describe('the definition of a step', () => {
  it('names a trained weight that it does not hold', () => {
    const step = { name: 'step', inputs: {}, weights: {}, trained: ['x'], optimiser, loss: () => ({}) };
    expect(() => optimisedStep(step)).toThrow('step: trained weight "x" is not among its weights');
  });
});
