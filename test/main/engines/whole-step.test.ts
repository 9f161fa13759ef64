import { afterAll, describe, expect, it } from 'vitest';
import type { HostTensors } from '../../../src-core/compile/index.ts';
import { startEngine } from '../../../src-main/engines/catalogue.ts';
import { wholeStep } from '../../../src-main/engines/trial-step.ts';
import { webgpuDriver } from './webgpu-driver.ts';

const driver = webgpuDriver();
if ('file' in driver) process.env['VK_ICD_FILENAMES'] = driver.file;

/** A whole UniA iteration with every gate open, small enough for plain JavaScript. */
const step = wholeStep({
  'cam.scales': '[1, 0.5]',
  'refinement.rounds': '2',
  'refinement.dilations': '[1, 2]',
  'uncertainty.samples': '2',
});
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
    const scale = data.reduce((most: number, value: number) => Math.max(most, Math.abs(value)), 1e-3);
    const worst = data.reduce(
      (most: number, value: number, i: number) => Math.max(most, Math.abs(value - found[name]!.data[i]!)),
      0,
    );
    expect(worst / scale, name).toBeLessThan(TOLERANCE);
  }
}

describe('two whole training steps of a small UniA', () => {
  let reference: Promise<Trained> | undefined;
  const onPlainCpu = (): Promise<Trained> => (reference ??= trainTwice('tfjs:cpu'));
  afterAll(() => (reference = undefined));

  it.each(['onnxruntime:cpu', 'tfjs:wasm'])(
    'on %s give the losses and weights of eager tfjs',
    async (name) => {
      const expected = await onPlainCpu();
      const found = await trainTwice(name);
      found.losses.forEach((losses, i) => expectEqual(losses, expected.losses[i]!));
      expectEqual(found.state, expected.state);
      expect(Object.keys(expected.losses[0]!)).toEqual(
        expect.arrayContaining([
          'classification',
          'auxiliary',
          'distribution',
          'affinity',
          'tokenContrast',
          'segmentation',
        ]),
      );
    },
    240_000,
  );

  it('on onnxruntime:webgpu give the losses and weights of onnxruntime:cpu', async (context) => {
    if ('missing' in driver) return context.skip(driver.missing);
    const [expected, found] = [await trainTwice('onnxruntime:cpu'), await trainTwice('onnxruntime:webgpu')];
    found.losses.forEach((losses, i) => expectEqual(losses, expected.losses[i]!));
    expectEqual(found.state, expected.state);
  }, 400_000);
});
