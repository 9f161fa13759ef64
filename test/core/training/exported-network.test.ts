import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { relu, sub, max, tensor, type Tensor } from '../../../src-core/tensor/index.ts';
import { withSettings, type TrainingConfig } from '../../../src-core/training/config.ts';
import { exportNetwork } from '../../../src-core/training/exported-network.ts';
import { initialWeights } from '../../../src-core/training/initial-state.ts';
import { softmaxOverClasses } from '../../../src-core/training/prediction.ts';
import { presetOf } from '../../../src-core/training/presets.ts';
import { createRandom } from '../../../src-core/training/random.ts';
import type { Checkpoint, StageName } from '../../../src-core/training/checkpoint.ts';
import { runNetwork, segmentationLogits } from '../../../src-core/unia/network.ts';
import type { Parameters } from '../../../src-core/unia/parameters.ts';
import { reviewUncertainty } from '../../../src-core/unia/uncertainty-sampling.ts';

const SIDE = 32;
const CLASSES = ['RV', 'LV'];
/** Relative to the largest value: sums are taken in another order. */
const TOLERANCE = 2e-5;

function checkpointOf(preset: string, settings: Record<string, string>, stage: StageName): Checkpoint {
  const side = { 'data.side': `${SIDE}`, 'batch.side': `${SIDE}` };
  const config = withSettings(presetOf(preset), { ...side, ...settings });
  const random = createRandom(7);
  // Heads begin near zero; noise on every weight makes each of them matter.
  const weights = Object.entries(initialWeights(config, CLASSES.length)).map(([name, value]) => {
    const data = Float32Array.from(value.data as Float32Array, (weight) => weight + 0.05 * random.normal());
    return [name, { ...value, data }] as const;
  });
  return {
    config,
    classes: CLASSES,
    stage,
    iteration: config.schedule.iterations,
    random: random.state(),
    state: Object.fromEntries(weights),
  };
}

function images(batch: number): Float32Array {
  const random = createRandom(batch);
  return Float32Array.from({ length: batch * 3 * SIDE * SIDE }, () => random.normal());
}

async function runModel(model: Uint8Array, batch: number): Promise<InferenceSession.ReturnType> {
  const session = await InferenceSession.create(model, { logSeverityLevel: 3 });
  expect(session.inputNames).toEqual(['image']);
  const outputs = await session.run({ image: new OrtTensor('float32', images(batch), [batch, 3, SIDE, SIDE]) });
  await session.release();
  return outputs;
}

/** The same pass, operation by operation. */
function eager({ config, state }: Checkpoint, batch: number): Record<string, Tensor> {
  const parameters: Parameters = Object.fromEntries(
    Object.entries(state).map(([name, { data, shape }]) => [name, tensor(data, [...shape])]),
  );
  const image = tensor(images(batch), [batch, 3, SIDE, SIDE]);
  const output = runNetwork(parameters, image, config);
  const logits = segmentationLogits(parameters, image, config, output);
  return {
    segmentation_logits: logits,
    cam: relu(output.maps),
    uncertainty: output.inference
      ? reviewUncertainty(output.inference.uncertainty, output.encoded.grid, [SIDE, SIDE]).map
      : sub(1, max(softmaxOverClasses(logits), 1)),
    tokens: output.refined,
  };
}

const vit: Record<string, string> = { encoder: 'vit-tiny-8', 'uncertainty.projection': 'none' };
const cases: readonly (readonly [name: string, checkpoint: () => Checkpoint, batch: number])[] = [
  ['the hybrid encoder with a segmenter of its own', () => checkpointOf('acdc', {}, 'segmentation'), 1],
  ['a ViT whose decoder shares the encoder, two at once', () => checkpointOf('released', vit, 'joint'), 2],
  [
    'a network without uncertainty inference',
    () => checkpointOf('quick', { 'uncertainty.enabled': 'false' }, 'segmentation'),
    2,
  ],
];

describe('an exported network', () => {
  it.each(cases)('computes what the network computes: %s', { timeout: 30_000 }, async (_, make, batch) => {
    const checkpoint = make();
    const { model, outputs } = exportNetwork(checkpoint, batch);
    const [got, expected] = [await runModel(model, batch), eager(checkpoint, batch)];
    expect(outputs.map(({ name }) => name)).toEqual(['segmentation_logits', 'cam', 'uncertainty', 'tokens']);
    expect(Object.keys(got).sort()).toEqual(outputs.map(({ name }) => name as string).sort());
    for (const { name, shape } of outputs) {
      const value = expected[name]!;
      expect(got[name]!.dims, name).toEqual(shape);
      expect(value.shape, name).toEqual(shape);
      const [a, b] = [got[name]!.data as Float32Array, value.dataSync<'float32'>()];
      const largest = b.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      expect(largest, `${name} is not all zero`).toBeGreaterThan(1e-3);
      const error = a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0);
      expect(error / largest, name).toBeLessThan(TOLERANCE);
    }
  });

  it('has no segmentation before that is learnt', () => {
    const { outputs } = exportNetwork(checkpointOf('quick', {}, 'classification'));
    expect(outputs.map(({ name, shape }) => [name, shape])).toEqual([
      ['cam', [1, 2, 4, 4]],
      ['uncertainty', [1, SIDE, SIDE]],
      ['tokens', [1, 16, 128]],
    ]);
  });

  it('refuses half an image', () => {
    const config: TrainingConfig = presetOf('quick');
    const checkpoint = { ...checkpointOf('quick', {}, 'classification'), config };
    expect(() => exportNetwork(checkpoint, 0.5)).toThrow('batch: expected a whole number of images from 1 on, got 0.5');
  });
});
