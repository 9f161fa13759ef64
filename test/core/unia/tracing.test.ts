import { describe, expect, it } from 'vitest';
import type { Program, TensorSpec } from '../../../src-core/compile/index.ts';
import { add, addN, mean, sizeOf, square, tensor, valueAndGrads, type Tensor } from '../../../src-core/tensor/index.ts';
import { createRandom } from '../../../src-core/training/random.ts';
import { imageLogits, initialiseClassifiers, multiLabelSoftMargin } from '../../../src-core/unia/classifier.ts';
import { contrastiveAffinityLoss } from '../../../src-core/unia/contrastive-affinity-loss.ts';
import { crfEnergy } from '../../../src-core/unia/crf-energy.ts';
import { decodeLargeFieldOfView, initialiseLargeFieldOfView } from '../../../src-core/unia/decoder-largefov.ts';
import { decodePyramid, initialisePyramidDecoder } from '../../../src-core/unia/decoder-pyramid.ts';
import { distributionLoss, gaussianDivergence } from '../../../src-core/unia/distribution-loss.ts';
import { encode, type EncoderConfig } from '../../../src-core/unia/encoder.ts';
import { foregroundMask } from '../../../src-core/unia/grid-labels.ts';
import { named, type InitialValues } from '../../../src-core/unia/initialisation.ts';
import { under, type Parameters } from '../../../src-core/unia/parameters.ts';
import { initialisePretraining, maskedAutoencodingLoss } from '../../../src-core/unia/pretraining.ts';
import { segmentationLoss } from '../../../src-core/unia/segmentation-loss.ts';
import { initialiseSoftAmbiguityMasking, softAmbiguityMasking } from '../../../src-core/unia/soft-ambiguity-masking.ts';
import { tokenContrastLoss } from '../../../src-core/unia/token-contrast-loss.ts';
import {
  inferUncertainty,
  initialiseUncertaintyInference,
  UNCERTAINTY_INFERENCE_DEFAULTS,
} from '../../../src-core/unia/uncertainty-inference.ts';
import { reviewUncertainty, sampleDistribution } from '../../../src-core/unia/uncertainty-sampling.ts';
import { createOnnxRuntimeEngine } from '../../../src-main/engines/onnxruntime.ts';

const vit: EncoderConfig = { kind: 'vit', patch: 8, width: 16, depth: 3, heads: 2, tableSide: 2 };
const hybrid: EncoderConfig = {
  kind: 'hybrid',
  stem: [4, 6, 8],
  residualBlocks: 1,
  norm: 'layer',
  width: 16,
  depth: 1,
  heads: 2,
};
const random = createRandom(3);
const normal = (shape: readonly number[]): Tensor =>
  tensor(
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
    [...shape],
  );

/** Every module and every loss, weighed into one number. */
function wholeLoss(parameters: Parameters, inputs: Readonly<Record<string, Tensor>>, config: EncoderConfig): Tensor {
  const image = inputs['image']!;
  const labels = inputs['labels']!;
  const { grid, tokens, auxiliary, attentionLogits, pyramid } = encode(
    under(parameters, 'pretraining.encoder.'),
    image,
    config,
    {
      attention: true,
    },
  );
  const uin = inferUncertainty(under(parameters, 'uin.'), tokens, grid);
  const masked = softAmbiguityMasking(under(parameters, 'masking.'), tokens, uin.uncertainty, true);
  const sampled = sampleDistribution(uin.mu, uin.std, inputs['noise']!, grid);
  const affinity = mean(attentionLogits!, 1);
  const features = { tokens: masked, grid, ...(pyramid && { pyramid }) };
  return addN([
    multiLabelSoftMargin(imageLogits(masked, parameters['classifier.weight']!, 'gmp'), inputs['present']!),
    multiLabelSoftMargin(imageLogits(auxiliary, parameters['auxiliary.weight']!, 'lse'), inputs['present']!),
    distributionLoss(sampled, foregroundMask(labels, grid), 'released'),
    gaussianDivergence(uin.mu, uin.sigma, 'released'),
    contrastiveAffinityLoss(affinity, labels, grid),
    contrastiveAffinityLoss(affinity, labels, grid, { form: 'paper', temperature: 0.5, radius: 7 }),
    tokenContrastLoss(masked, labels, grid),
    segmentationLoss(decodeLargeFieldOfView(under(parameters, 'largefov.'), masked, grid), labels),
    segmentationLoss(decodePyramid(under(parameters, 'pyramid.'), features, config), labels, 'dice'),
    crfEnergy(decodePyramid(under(parameters, 'pyramid.'), features, config), image),
    maskedAutoencodingLoss(under(parameters, 'pretraining.'), image, inputs['mask']!, config),
    mean(square(reviewUncertainty(uin.uncertainty, grid, [16, 24]).map)),
  ]);
}

function initialValues(config: EncoderConfig): InitialValues {
  return {
    ...named('pretraining.', initialisePretraining(config, random)),
    ...named('uin.', initialiseUncertaintyInference(16, UNCERTAINTY_INFERENCE_DEFAULTS, random)),
    ...named('masking.', initialiseSoftAmbiguityMasking(16, random)),
    ...initialiseClassifiers(2, 16, random),
    ...named('largefov.', initialiseLargeFieldOfView(2, 16, random, 8)),
    ...named('pyramid.', initialisePyramidDecoder(2, config, random)),
  };
}

const specOf = (x: Tensor): TensorSpec => ({ shape: x.shape, dtype: x.dtype === 'int32' ? 'int32' : 'float32' });
const hostOf = (x: Tensor) => ({
  ...specOf(x),
  data: x.dtype === 'int32' ? Int32Array.from(x.dataSync()) : Float32Array.from(x.dataSync()),
});
const mapValues = <A, B>(record: Readonly<Record<string, A>>, f: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value)]));

describe.each([vit, hybrid])('a traced $kind', (config) => {
  it('gives the loss and the gradients that eager tfjs gives', async () => {
    const inputs = {
      image: normal([2, 3, 16, 24]),
      labels: tensor(
        Int32Array.from({ length: 2 * 16 * 24 }, (_, i) => [0, 1, 2, 255][Math.floor(i / 37) % 4]!),
        [2, 16, 24],
        'int32',
      ),
      present: tensor([1, 0, 1, 1], [2, 2]),
      noise: normal([2, 6, 16]),
      mask: tensor([1, 0, 1, 1, 0, 1, 1, 1, 0, 0, 1, 1], [2, 6]),
    };
    const state = mapValues(initialValues(config), ({ shape, data }) => add(tensor(data, [...shape]), tensor(0.05)));
    const names = Object.keys(state);
    const run = (given: Readonly<Record<string, Tensor>>, weights: Parameters): Record<string, Tensor> => {
      const objective = (...values: Tensor[]) =>
        wholeLoss(Object.fromEntries(names.map((name, i) => [name, values[i]!])), given, config) as never;
      const { value, grads } = valueAndGrads(objective)(names.map((name) => weights[name]!));
      return { loss: value, ...Object.fromEntries(names.map((name, i) => [`slope:${name}`, grads[i]!])) };
    };
    const program: Program = {
      name: 'whole loss',
      inputs: mapValues(inputs, specOf),
      state: mapValues(state, specOf),
      run: (given, weights) => ({ outputs: run(given, weights) }),
    };
    const engine = createOnnxRuntimeEngine({ provider: 'cpu', threads: 1 });
    const compiled = await engine.compile(program);
    const held = await engine.allocate(mapValues(state, hostOf));
    const traced = await compiled.run(mapValues(inputs, hostOf), held);
    const eager = mapValues(run(inputs, state), (x) => x.dataSync());
    for (const [name, values] of Object.entries(eager)) {
      const scale = Math.max(...values.map(Math.abs), 1e-3);
      const worst = Math.max(...values.map((value, i) => Math.abs(value - traced[name]!.data[i]!)));
      expect(worst / scale, name).toBeLessThan(2e-3); // float32, two orders of summation through whole networks
    }
    await compiled.dispose();
  });
});
