import { describe, expect, it } from 'vitest';
import type { HostTensors } from '../../../src-core/compile/index.ts';
import { startEngine } from '../../../src-main/engines/catalogue.ts';
import { wholeStep } from '../../../src-main/engines/trial-step.ts';
import { webgpuDriver } from './webgpu-driver.ts';

const driver = webgpuDriver();
if ('file' in driver) process.env['VK_ICD_FILENAMES'] = driver.file;

/**
 * A whole UniA iteration with every gate open, small enough for a software GPU. AdamW divides a gradient by its own size:
 * with the usual epsilon a gradient of 1e-9, all of it rounding, would move a weight as far as a real one.
 */
const step = wholeStep({ 'optimiser.epsilon': '1e-3' });
/** float32 through a whole network, its gradient and two updates. */
const TOLERANCE = 1e-4;

interface Trained {
  readonly losses: readonly HostTensors[];
  readonly state: HostTensors;
}

async function trainTwice(name: string): Promise<Trained> {
  const engine = await startEngine(name);
  const program = await engine.compile(step.program);
  const state = await engine.allocate(step.state);
  const losses = [await program.run(step.inputs(1), state), await program.run(step.inputs(2), state)];
  const result = { losses, state: await state.read() };
  await program.dispose();
  await state.dispose();
  await engine.dispose();
  return result;
}

function expectEqual(found: HostTensors, expected: HostTensors): void {
  expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, { data }] of Object.entries(expected)) {
    const values = [...data];
    const size = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
    const worst = values.reduce((most, value, i) => Math.max(most, Math.abs(value - found[name]!.data[i]!)), 0);
    expect(worst / size, name).toBeLessThan(TOLERANCE);
  }
}

describe('two whole training steps of a small UniA give the losses and weights of eager tfjs', () => {
  let reference: Promise<Trained> | undefined;

  /** Eager tfjs shares no kernel with the compiled engines. */
  async function expectAsEager(name: string): Promise<void> {
    const expected = await (reference ??= trainTwice('tfjs:wasm'));
    const found = await trainTwice(name);
    found.losses.forEach((losses, i) => expectEqual(losses, expected.losses[i]!));
    expectEqual(found.state, expected.state);
    const terms = ['classification', 'auxiliary', 'distribution', 'affinity', 'tokenContrast', 'segmentation'];
    expect(Object.keys(found.losses[0]!).sort()).toEqual([...terms, 'total'].sort());
  }

  it('on onnxruntime:cpu', () => expectAsEager('onnxruntime:cpu'), 120_000);

  // A software GPU compiles hundreds of kernels on the CPU: minutes where that is busy.
  it('on onnxruntime:webgpu', async ({ skip }) => {
    if ('missing' in driver) skip(driver.missing);
    await expectAsEager('onnxruntime:webgpu');
  }, 400_000);
});
