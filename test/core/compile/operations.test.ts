import { setBackend } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { Engine, HostTensors, Program } from '../../../src-core/compile/index.ts';
import { cast, differentiate, mul, sizeOf, sum, tensor, type Tensor } from '../../../src-core/tensor/index.ts';
import { startEngine } from '../../../src-main/engines/catalogue.ts';
import { EXPORTED, OPERATIONS, type OperationCase } from './operation-cases.ts';

/** float32 sums of a few dozen terms in another order, and other approximations of exp and erf. */
const TOLERANCE = 1e-5;

describe('the table of operations', () => {
  it('has a row for every operation that the tensor door exports', () => {
    expect(Object.keys(OPERATIONS).sort()).toEqual(EXPORTED);
  });
});

const cases = Object.entries(OPERATIONS).flatMap(([name, row]) =>
  'nothingToRun' in row ? [] : row.map((given) => ({ title: [name, given.about].filter(Boolean).join(', '), given })),
);

describe.each(['onnxruntime:cpu', 'tfjs:wasm'])('%s computes what eager tfjs on the plain CPU computes', (name) => {
  let engine: Promise<Engine> | undefined;

  it.each(cases)('$title', async ({ title, given }) => {
    engine ??= startEngine(name);
    const program = programOf(title, given);
    const expected = await runOn(await startEngine('tfjs:cpu'), program, given);
    const found = await runOn(await engine, program, given);
    expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
    for (const [output, { shape, data }] of Object.entries(expected)) {
      expect(found[output]!.shape, output).toEqual(shape);
      const scale = Math.max(1, ...data.map(Math.abs));
      data.forEach((value, i) => {
        expect(Math.abs(found[output]!.data[i]! - value), `${output}[${i}] of ${value}`).toBeLessThan(
          TOLERANCE * scale,
        );
      });
    }
  });
});

/** The value, and the gradient of Σ probe · value by every float input. */
function programOf(title: string, given: OperationCase): Program {
  const inputs = Object.fromEntries(given.inputs.map((value, i) => [`x${i}`, value] as const));
  const floats = Object.keys(inputs).filter((name) => inputs[name]!.dtype === 'float32');
  return {
    name: title,
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, { shape, dtype }]) => [name, { shape, dtype }])),
    state: {},
    run: (values) => {
      const evaluate = (): Tensor => given.run(...Object.keys(inputs).map((name) => values[name]!));
      const value = cast(evaluate(), 'float32');
      if (given.noGradient !== undefined || floats.length === 0) return { outputs: { value } };
      const probe = tensor(
        Float32Array.from({ length: sizeOf(value.shape) }, (_, i) => Math.cos(i + 1)),
        value.shape,
      );
      const { gradients } = differentiate(
        () => sum(mul(evaluate(), probe)),
        floats.map((name) => values[name]!),
      );
      const slopes = floats.flatMap((name, i) => {
        const slope = gradients[i];
        return slope ? [[`slope by ${name}`, slope] as const] : [];
      });
      return { outputs: { value, ...Object.fromEntries(slopes) } };
    },
  };
}

async function runOn(engine: Engine, program: Program, given: OperationCase): Promise<HostTensors> {
  if (engine.name.startsWith('tfjs:')) await setBackend(engine.name.slice('tfjs:'.length));
  const compiled = await engine.compile(program);
  const state = await engine.allocate({});
  const inputs = Object.fromEntries(given.inputs.map((value, i) => [`x${i}`, value]));
  try {
    return await compiled.run(inputs, state);
  } finally {
    await compiled.dispose();
  }
}
