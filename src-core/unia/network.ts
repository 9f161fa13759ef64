// The whole network: encoder, uncertainty inference, heads and decoders put together (method.md 1-3).
import { bindShape, resizeBilinear, type Tensor } from '../tensor/index.ts';
import { cosineAffinity, learnedAffinity, sinkhornAffinity } from './affinity.ts';
import { classMaps, imageLogits, initialiseClassifiers, type Pooling } from './classifier.ts';
import { decodeLargeFieldOfView, initialiseLargeFieldOfView } from './decoder-largefov.ts';
import { decodePyramid, initialisePyramidDecoder } from './decoder-pyramid.ts';
import { encode, ENCODERS, encoderStride, initialiseEncoder, type EncoderName, type EncoderOutput } from './encoder.ts';
import { constant, named, type InitialValues } from './initialisation.ts';
import { parameter, under, type Parameters, type Random } from './parameters.ts';
import { initialiseSoftAmbiguityMasking, softAmbiguityMasking } from './soft-ambiguity-masking.ts';
import {
  inferUncertainty,
  initialiseUncertaintyInference,
  UNCERTAINTY_INFERENCE_DEFAULTS,
  type Reading,
  type UncertaintyInference,
  type UncertaintyInferenceConfig,
} from './uncertainty-inference.ts';

/** The parts of a recipe that decide which weights there are and how they are read. */
export interface NetworkConfig {
  readonly encoder: EncoderName;
  readonly pooling: Pooling;
  readonly auxiliaryClassifier: boolean;
  readonly uncertainty: {
    readonly enabled: boolean;
    readonly reading: Reading;
    readonly channel: boolean;
    readonly spatial: boolean;
    readonly deviation: boolean;
    readonly projection: 'none' | 'bottleneck';
    readonly residual: boolean;
  };
  readonly affinity: {
    readonly kind: 'learned' | 'sinkhorn' | 'cosine';
    readonly sinkhornRounds: number;
    readonly temperature: number;
    readonly radius: number | null;
  };
  readonly segmentation: { readonly decoder: 'largefov' | 'pyramid'; readonly encoder: 'shared' | 'own' };
}

/** What one pass through the network gives. */
export interface NetworkOutput {
  readonly encoded: EncoderOutput;
  /** Absent when uncertainty inference is switched off. */
  readonly inference?: UncertaintyInference;
  /** Z_f, which every head reads; `(N, L, C)`. */
  readonly refined: Tensor;
  /** Image-level logits; `(N, M)`. */
  readonly logits: Tensor;
  /** Classifier at every token, before the ReLU; `(N, M, H, W)`. */
  readonly maps: Tensor;
  readonly auxiliaryLogits?: Tensor;
  readonly auxiliaryMaps?: Tensor;
}

/** One pass. @param images - normalised; `(N, 3, S, S)` @param attention - also give the encoder's attention maps */
export function runNetwork(
  parameters: Parameters,
  images: Tensor,
  config: NetworkConfig,
  attention = false,
): NetworkOutput {
  const encoded = encode(under(parameters, 'encoder.'), images, ENCODERS[config.encoder], { attention });
  const inference = config.uncertainty.enabled
    ? inferUncertainty(under(parameters, 'uncertainty.'), encoded.tokens, encoded.grid, inferenceConfig(config))
    : undefined;
  const refined = inference
    ? softAmbiguityMasking(
        under(parameters, 'masking.'),
        encoded.tokens,
        inference.uncertainty,
        config.uncertainty.residual,
      )
    : encoded.tokens;
  const classifier = parameter(parameters, 'classifier.weight');
  return {
    encoded,
    refined,
    ...(inference && { inference }),
    logits: imageLogits(refined, classifier, config.pooling),
    maps: classMaps(refined, classifier, encoded.grid),
    ...(config.auxiliaryClassifier && auxiliaryOutputs(parameters, encoded, config.pooling)),
  };
}

function auxiliaryOutputs(
  parameters: Parameters,
  encoded: EncoderOutput,
  pooling: Pooling,
): Pick<NetworkOutput, 'auxiliaryLogits' | 'auxiliaryMaps'> {
  const weight = parameter(parameters, 'auxiliary.weight');
  return {
    auxiliaryLogits: imageLogits(encoded.auxiliary, weight, pooling),
    auxiliaryMaps: classMaps(encoded.auxiliary, weight, encoded.grid),
  };
}

/** Affinity of the tokens, `(N, L, L)`; learned and sinkhorn need a pass that kept its attention maps. */
export function affinityOf(parameters: Parameters, output: NetworkOutput, config: NetworkConfig): Tensor {
  const { kind, sinkhornRounds, temperature, radius } = config.affinity;
  const { encoded, refined } = output;
  if (kind === 'cosine') return cosineAffinity(refined, encoded.grid, { temperature, radius });
  if (!encoded.attention || !encoded.attentionLogits)
    throw new Error(`affinity ${kind}: the pass kept no attention maps`);
  if (kind === 'sinkhorn') return sinkhornAffinity(encoded.attention, sinkhornRounds);
  return learnedAffinity(
    encoded.attentionLogits,
    parameter(parameters, 'affinity.weight'),
    parameter(parameters, 'affinity.bias'),
  );
}

/** Whether the affinity is made of attention maps. */
export function needsAttention(config: NetworkConfig): boolean {
  return config.affinity.kind !== 'cosine';
}

/**
 * Segmentation logits at the image's size.
 *
 * @param shared - the pass over the same images, for a decoder that shares the encoder
 * @returns `(N, M+1, S, S)`
 */
export function segmentationLogits(
  parameters: Parameters,
  images: Tensor,
  config: NetworkConfig,
  shared: NetworkOutput | undefined,
): Tensor {
  const { S, T } = bindShape('images', images.shape, 'N 3 S T');
  const encoder = ENCODERS[config.encoder];
  const decoder = under(parameters, 'decoder.');
  const source = segmentationFeatures(parameters, images, config, shared);
  const logits =
    config.segmentation.decoder === 'largefov'
      ? decodeLargeFieldOfView(decoder, source.tokens, source.grid)
      : decodePyramid(decoder, source, encoder);
  return resizeBilinear(logits, [S, T]);
}

function segmentationFeatures(
  parameters: Parameters,
  images: Tensor,
  config: NetworkConfig,
  shared: NetworkOutput | undefined,
): Pick<EncoderOutput, 'tokens' | 'grid' | 'pyramid'> {
  if (config.segmentation.encoder === 'own') {
    return encode(under(parameters, 'segmenter.'), images, ENCODERS[config.encoder]);
  }
  const output = shared ?? runNetwork(parameters, images, config);
  return { ...output.encoded, tokens: output.refined };
}

function inferenceConfig({ uncertainty }: NetworkConfig): UncertaintyInferenceConfig {
  const { reading, channel, spatial, deviation, projection } = uncertainty;
  return { ...UNCERTAINTY_INFERENCE_DEFAULTS, reading, channel, spatial, deviation, projection };
}

/** Initial weights for M classes. */
export function initialiseNetwork(config: NetworkConfig, classes: number, random: Random): InitialValues {
  const encoder = ENCODERS[config.encoder];
  const { auxiliaryClassifier, uncertainty, affinity, segmentation } = config;
  const { 'classifier.weight': main, 'auxiliary.weight': auxiliary } = initialiseClassifiers(
    classes,
    encoder.width,
    random,
  );
  const decoder =
    segmentation.decoder === 'largefov'
      ? initialiseLargeFieldOfView(classes, encoder.width, random)
      : initialisePyramidDecoder(classes, encoder, random);
  const encoderValues = initialiseEncoder(encoder, random);
  return {
    ...named('encoder.', encoderValues),
    'classifier.weight': main!,
    ...(auxiliaryClassifier && { 'auxiliary.weight': auxiliary! }),
    ...(uncertainty.enabled && {
      ...named('uncertainty.', initialiseUncertaintyInference(encoder.width, inferenceConfig(config), random)),
      ...named('masking.', initialiseSoftAmbiguityMasking(encoder.width, random)),
    }),
    ...(affinity.kind === 'learned' && {
      'affinity.weight': constant([Math.min(encoder.depth, 2) * encoder.heads], 0),
      'affinity.bias': constant([1], 0),
    }),
    ...(segmentation.encoder === 'own' && named('segmenter.', encoderValues)),
    ...named('decoder.', decoder),
  };
}

/** Side of a token of the network's encoder, px. */
export function strideOf(config: NetworkConfig): number {
  return encoderStride(ENCODERS[config.encoder]);
}
