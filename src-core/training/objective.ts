// The objectives of the stages: the paper's single stage (Eq. 17), and classification, segmentation and warm-up alone.
import { equal, minimum, relu, reshape, resizeBilinear, where, type Tensor } from '../tensor/index.ts';
import type { Tensors, TensorSpec } from '../compile/index.ts';
import { IGNORE } from '../imaging/plane.ts';
import { camToLabel, multiScaleCam, normaliseCam, withoutGradient, type Size } from '../unia/class-activation-map.ts';
import { multiLabelSoftMargin, windowLogits } from '../unia/classifier.ts';
import { contrastiveAffinityLoss } from '../unia/contrastive-affinity-loss.ts';
import { crfEnergy } from '../unia/crf-energy.ts';
import { distributionLoss, gaussianDivergence } from '../unia/distribution-loss.ts';
import { ENCODERS } from '../unia/encoder.ts';
import { foregroundMask } from '../unia/grid-labels.ts';
import { gatherKept, keepPresentClasses, type KeptClasses } from '../unia/kept-classes.ts';
import { mutualComplementing } from '../unia/mutual-complementing-refinement.ts';
import {
  affinityOf,
  needsAttention,
  runNetwork,
  segmentationLogits,
  strideOf,
  type NetworkOutput,
} from '../unia/network.ts';
import { parameter, type Parameters } from '../unia/parameters.ts';
import { maskedAutoencodingLoss } from '../unia/pretraining.ts';
import { agreementMask, refineP2, refineP2AndP3, type PseudoMaskOptions } from '../unia/pseudo-masks.ts';
import { segmentationLoss } from '../unia/segmentation-loss.ts';
import { tokenContrastLoss } from '../unia/token-contrast-loss.ts';
import { sampleDistribution } from '../unia/uncertainty-sampling.ts';
import type { TrainingConfig } from './config.ts';
import type { LossTerms } from './optimised-step.ts';
import type { Gates } from './schedule.ts';

type Terms = Record<string, { readonly value: Tensor; readonly weight: number }>;

/** Sizes of an image-level step. */
export interface TaggedShape {
  readonly images: number;
  readonly side: number;
  /** Windows per image whose tags are pooled in place; 0 for tags on the images themselves. */
  readonly windows: number;
}

/**
 * Inputs of an image-level step: images, tags, windows within the images where those carry the tags, noise at the token grid for UiN, and for the paper's stage the labels of
 * reviewed images (255 where a person has not said).
 */
export function taggedInputs(
  config: TrainingConfig,
  { images, side, windows }: TaggedShape,
  classes: number,
): Record<string, TensorSpec> {
  const tokens = (side / strideOf(config)) ** 2;
  return {
    image: { shape: [images, 3, side, side], dtype: 'float32' },
    present: { shape: [images, classes], dtype: 'float32' },
    ...(windows > 0 && {
      windowTokens: { shape: [images, windows, tokens], dtype: 'float32' },
      windowPresent: { shape: [images, windows, classes], dtype: 'float32' },
    }),
    ...(config.objective === 'joint' && { reviewed: { shape: [images, side, side], dtype: 'float32' } }),
    ...(config.uncertainty.enabled && {
      noise: { shape: [images, tokens, ENCODERS[config.encoder].width], dtype: 'float32' },
    }),
  };
}

/** Classification alone: L_cls, and L_dis against the CAM's own confident part once the uncertainty gate is open. */
export function classificationObjective(
  config: TrainingConfig,
  gates: Gates,
  inputs: Tensors,
  parameters: Parameters,
): LossTerms {
  const output = runNetwork(parameters, inputs['image']!, config);
  const terms = classificationTerms(config, output, inputs, parameters);
  if (!gates.uncertaintyAndAffinity || config.losses.distribution === 0 || !output.inference) return terms;
  const labels = withoutGradient(() => {
    const kept = keepPresentClasses(possible(inputs), config.cam.maxClassesPerImage);
    const thresholds = { high: config.losses.distributionThreshold, low: 0 };
    return camToLabel(singlePassCam(output.maps, sizeOfImage(inputs['image']!), kept), thresholds, kept);
  });
  return { ...terms, ...distributionTerms(config, output, inputs, labels) };
}

/** One whole UniA iteration, Eq. 17, with the parts whose gates are open. */
export function jointObjective(
  config: TrainingConfig,
  gates: Gates,
  inputs: Tensors,
  parameters: Parameters,
): LossTerms {
  const image = inputs['image']!;
  const output = runNetwork(parameters, image, config, needsAttention(config));
  const terms = classificationTerms(config, output, inputs, parameters) as Terms;
  const labels = pseudoLabels(config, gates, parameters, inputs, output);
  const { losses } = config;
  if (gates.uncertaintyAndAffinity) {
    if (losses.distribution > 0 && output.inference) {
      const target = gates.auxiliaryToFinal || !labels.auxiliary ? labels.mask : labels.auxiliary;
      Object.assign(terms, distributionTerms(config, output, inputs, target));
    }
    if (losses.affinity > 0) {
      const affinity = affinityOf(parameters, output, config);
      const options = {
        form: losses.affinityForm,
        temperature: losses.affinityTemperature,
        radius: losses.affinityRadius,
      };
      terms['affinity'] = {
        value: contrastiveAffinityLoss(affinity, labels.mask, output.encoded.grid, options),
        weight: losses.affinity,
      };
    }
    if (losses.tokenContrast > 0) {
      const value = tokenContrastLoss(output.refined, labels.auxiliary ?? labels.mask, output.encoded.grid);
      terms['tokenContrast'] = { value, weight: losses.tokenContrast };
    }
  }
  if (gates.segmentation && losses.segmentation > 0) {
    const logits = segmentationLogits(parameters, image, config, output);
    terms['segmentation'] = {
      value: segmentationLoss(logits, reviewedFirst(inputs['reviewed']!, labels.mask), losses.segmentationForm),
      weight: losses.segmentation,
    };
    if (losses.crfEnergy > 0) terms['crfEnergy'] = { value: crfEnergy(logits, image), weight: losses.crfEnergy };
  }
  return terms;
}

/** Segmentation on masks given as labels; `inputs.labels` is `(N, S, S)`. */
export function segmentationObjective(config: TrainingConfig, inputs: Tensors, parameters: Parameters): LossTerms {
  const logits = segmentationLogits(parameters, inputs['image']!, config, undefined);
  return {
    segmentation: { value: segmentationLoss(logits, inputs['labels']!, config.losses.segmentationForm), weight: 1 },
  };
}

/** Masked autoencoding; `inputs.mask` is `(N, L)`. */
export function warmUpObjective(config: TrainingConfig, inputs: Tensors, parameters: Parameters): LossTerms {
  const value = maskedAutoencodingLoss(parameters, inputs['image']!, inputs['mask']!, ENCODERS[config.encoder]);
  return { reconstruction: { value, weight: 1 } };
}

function classificationTerms(
  { losses, pooling }: TrainingConfig,
  output: NetworkOutput,
  inputs: Tensors,
  parameters: Parameters,
): LossTerms {
  const present = inputs['present']!;
  const windows = inputs['windowTokens'];
  return {
    classification: {
      value: windows
        ? multiLabelSoftMargin(
            windowLogits(output.refined, parameter(parameters, 'classifier.weight'), windows, pooling),
            reshape(inputs['windowPresent']!, [-1, present.shape[1]!]),
          )
        : multiLabelSoftMargin(output.logits, present),
      weight: losses.classification,
    },
    ...(output.auxiliaryLogits &&
      losses.auxiliary > 0 && {
        auxiliary: { value: multiLabelSoftMargin(output.auxiliaryLogits, present), weight: losses.auxiliary },
      }),
  };
}

function distributionTerms(config: TrainingConfig, output: NetworkOutput, inputs: Tensors, labels: Tensor): LossTerms {
  const { mu, sigma, std } = output.inference!;
  const { grid } = output.encoded;
  const { distribution, distributionRegulariser } = config.losses;
  const { reading, samples } = config.uncertainty;
  const sampled = sampleDistribution(mu, std, inputs['noise']!, grid, samples);
  return {
    distribution: { value: distributionLoss(sampled, foregroundMask(labels, grid), reading), weight: distribution },
    ...(distributionRegulariser > 0 && {
      divergence: { value: gaussianDivergence(mu, sigma, reading), weight: distribution * distributionRegulariser },
    }),
  };
}

/** 1 for the classes that an image shows or may show: those of which its tag says nothing are not ruled out. */
function possible(inputs: Tensors): Tensor {
  return minimum(inputs['present']!, 1);
}

/** Labels of one iteration: what teaches segmentation and affinity, and the auxiliary CAM's own. */
interface IterationLabels {
  readonly mask: Tensor;
  readonly auxiliary?: Tensor;
}

function pseudoLabels(
  config: TrainingConfig,
  gates: Gates,
  parameters: Parameters,
  inputs: Tensors,
  output: NetworkOutput,
): IterationLabels {
  const [image, present] = [inputs['image']!, possible(inputs)];
  const kept = keepPresentClasses(present, config.cam.maxClassesPerImage);
  const { cam, auxiliaryCam } = trainingCams(config, parameters, image, present, output, kept);
  const auxiliary = auxiliaryCam && camToLabel(auxiliaryCam, config.cam, kept);
  const colours = withoutGradient(() => image);
  const mask = withoutGradient(() => {
    const sources = { cam, kept, image: colours };
    const options = maskOptions(config);
    const final = gates.auxiliaryToFinal || config.segmentation.labels !== 'released';
    if (!final) return refineP2(sources, options);
    const { grid } = output.encoded;
    const affinity = affinityOf(parameters, output, config);
    const { p2, p3 } = refineP2AndP3(sources, { affinity, grid }, options);
    if (config.segmentation.labels === 'agreement') return agreementMask(p2, p3);
    if (!config.complement) return p3;
    return mutualComplementing(
      { p1: camToLabel(cam, config.cam, kept), p2, p3 },
      { secondStep: gates.secondComplement, fillIgnored: gates.extraComplement },
    );
  });
  return { mask, ...(auxiliary && { auxiliary }) };
}

/** Options of the pseudo masks as the recipe names them. */
export function maskOptions({ cam, refinement, walk }: TrainingConfig): PseudoMaskOptions {
  const { rounds, dilations, width, positionWeight, resolution, logitsScale } = refinement;
  return {
    high: cam.high,
    low: cam.low,
    refinement: { rounds, dilations, width, positionWeight },
    walk,
    resolution,
    logitsScale,
  };
}

/** The multi-scale CAM, and the auxiliary classifier's from the step's own pass: its label only steers, so one scale does. */
function trainingCams(
  config: TrainingConfig,
  parameters: Parameters,
  image: Tensor,
  present: Tensor,
  output: NetworkOutput,
  kept: KeptClasses,
): { readonly cam: Tensor; readonly auxiliaryCam?: Tensor } {
  const options = { scales: config.cam.scales, patch: strideOf(config), kept };
  const cam = multiScaleCam((scaled) => runNetwork(parameters, scaled, config).maps, image, present, {
    ...options,
    precomputed: output.maps,
  });
  if (!output.auxiliaryMaps) return { cam };
  const auxiliaryCam = withoutGradient(() => singlePassCam(output.auxiliaryMaps!, sizeOfImage(image), kept));
  return { cam, auxiliaryCam };
}

function singlePassCam(maps: Tensor, size: Size, kept: KeptClasses): Tensor {
  return normaliseCam(relu(resizeBilinear(gatherKept(maps, kept), size)), kept.valid);
}

function sizeOfImage(image: Tensor): Size {
  return [image.shape[2]!, image.shape[3]!];
}

/** What a person has drawn counts; the pseudo mask fills the rest. */
function reviewedFirst(reviewed: Tensor, mask: Tensor): Tensor {
  return where(equal(reviewed, IGNORE), mask, reviewed);
}
