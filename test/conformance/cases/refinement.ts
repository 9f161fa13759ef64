import { grads, scalar, tensor, tidy, type Tensor } from '../../../src-core/tensor/index.ts';
import { learnedAffinity, randomWalk, sinkhornAffinity, withinRadius } from '../../../src-core/unia/affinity.ts';
import {
  camEvaluationLabel,
  camToLabel,
  fuseCams,
  multiScaleCam,
  normaliseCam,
  scaledSize,
  type Size,
} from '../../../src-core/unia/class-activation-map.ts';
import { classMaps } from '../../../src-core/unia/classifier.ts';
import { encode } from '../../../src-core/unia/encoder.ts';
import { keepPresentClasses } from '../../../src-core/unia/kept-classes.ts';
import { mutualComplementing } from '../../../src-core/unia/mutual-complementing-refinement.ts';
import {
  pixelAdaptiveRefinement,
  REFINEMENT_DEFAULTS,
  refinementWeights,
} from '../../../src-core/unia/pixel-adaptive-refinement.ts';
import { mergeHighLow, PSEUDO_MASK_DEFAULTS, refineP2, refineP3 } from '../../../src-core/unia/pseudo-masks.ts';
import type { NpyArray } from '../npz.ts';
import { npy, type CaseMap, type CaseOutputs, type CaseRun } from '../registry.ts';
import { tensorAdapter, weights } from '../tensors.ts';

/** CAM, affinity, pseudo masks and their refinement. */
export const cases: CaseMap = {
  scaled_size: ({ options }) => {
    const { size, scales, patch } = options as { size: Size; scales: number[]; patch: number };
    const sizes = scales.flatMap((scale) => scaledSize(size, scale, patch));
    return { sizes: npy([scales.length, 2], Int32Array.from(sizes)) };
  },
  fuse_cams: ({ options, inputs }) => {
    const scales = Object.keys(inputs).filter((name) => name.startsWith('plain_')).length;
    const pairs = Array.from({ length: scales }, (_, i) => ({
      plain: floats(inputs[`plain_${i}`]),
      mirrored: floats(inputs[`mirrored_${i}`]),
    }));
    return { cam: numbers(fuseCams(pairs, options['size'] as Size, floats(inputs['y']))) };
  },
  normalise_cam: ({ inputs }) => ({ out: numbers(normaliseCam(floats(inputs['c']), floats(inputs['y']))) }),
  cam_to_label: ({ options, inputs }) => {
    const { high, low } = options as { high: number; low: number };
    return { out: labels(camToLabel(floats(inputs['c']), { high, low })) };
  },
  cam_eval_label: ({ options, inputs }) => ({
    out: labels(camEvaluationLabel(floats(inputs['c']), options['threshold'] as number)),
  }),
  multi_scale_cam: tensorAdapter(({ inputs, options }) => {
    const { depth, heads, patch, scales } = options as Record<'depth' | 'heads' | 'patch', number> & {
      scales: number[];
    };
    const parameters = weights(inputs, 'w.');
    const width = parameters['cls_token']!.shape[2]!;
    const config = { kind: 'vit', patch, width, depth, heads, tableSide: 14 } as const;
    const camOf = (kind: 'tokens' | 'auxiliary'): Tensor => {
      const encodeToCam = (images: Tensor): Tensor => {
        const encoded = encode(parameters, images, config);
        return classMaps(encoded[kind], inputs['weight']!, encoded.grid);
      };
      return multiScaleCam(encodeToCam, inputs['x']!, inputs['y']!, { scales, patch });
    };
    return { tokens: camOf('tokens'), aux: camOf('auxiliary') };
  }),
  par_weights: ({ inputs }) => {
    const image = floats(inputs['img']);
    const [N, , H, W] = image.shape as [number, number, number, number];
    const weights = refinementWeights(image);
    return { out: numbers(weights.transpose([1, 2, 0]).reshape([N, weights.shape[2]!, H, W])) };
  },
  par: ({ options, inputs }) => {
    const rounds = options['rounds'] as number;
    const settings = { ...REFINEMENT_DEFAULTS, rounds };
    return { out: numbers(pixelAdaptiveRefinement(floats(inputs['img']), floats(inputs['masks']), settings)) };
  },
  sinkhorn_affinity: (run) =>
    withGradients(run, ['attn'], (attention) => sinkhornAffinity(attention!, run.options['rounds'] as number)),
  learned_affinity: (run) =>
    withGradients(run, ['qk', 'weight', 'bias'], (scores, weight, bias) => learnedAffinity(scores!, weight!, bias!)),
  random_walk: ({ options, inputs }) => {
    const maps = floats(inputs['maps']);
    const walked = randomWalk(maps.expandDims(0), floats(inputs['a']).expandDims(0), walkOptions(options));
    return { out: numbers(walked.reshape(maps.shape)) };
  },
  within_radius: ({ options }) => {
    const near = withinRadius(options['grid'] as Size, options['radius'] as number);
    return { out: npy(near.shape, Uint8Array.from(near.dataSync())) };
  },
  merge_high_low: ({ inputs }) => ({ out: labels(mergeHighLow(floats(inputs['high']), floats(inputs['low']))) }),
  mutual_complementing: ({ options, inputs }) => {
    const masks = { p1: floats(inputs['p1']), p2: floats(inputs['p2']), p3: floats(inputs['p3']) };
    const steps = { secondStep: options['second'] as boolean, fillIgnored: options['acdc_extra'] as boolean };
    return { out: labels(mutualComplementing(masks, steps)) };
  },
  refine_p2: ({ options, inputs }) => ({ p2: labels(refineP2(maskSources(inputs), maskOptions(options))) }),
  refine_p3: ({ options, inputs }) => {
    const affinity = { affinity: floats(inputs['a']), grid: options['grid'] as Size };
    return { p3: labels(refineP3(maskSources(inputs), affinity, maskOptions(options))) };
  },
};

function maskSources(inputs: CaseRun['inputs']) {
  const present = floats(inputs['y']);
  return { cam: floats(inputs['c']), image: floats(inputs['img']), kept: keepPresentClasses(present) };
}

function maskOptions(options: CaseRun['options']) {
  const { high, low } = options as { high: number; low: number };
  return { ...PSEUDO_MASK_DEFAULTS, high, low, walk: walkOptions(options) };
}

function walkOptions(options: CaseRun['options']) {
  return {
    power: (options['power'] as number | undefined) ?? 1,
    radius: (options['radius'] as number | null | undefined) ?? null,
    columnNorm: options['column_norm'] !== false,
  };
}

/** The result and its gradients for the cotangent `probe_out`. */
function withGradients(run: CaseRun, names: readonly string[], program: (...x: (Tensor | undefined)[]) => Tensor) {
  const inputs = names.map((name) => floats(run.inputs[name]));
  const backward = grads((...x: Tensor[]) => program(...x));
  const found = backward(inputs, floats(run.inputs['probe_out']));
  const outputs: CaseOutputs = { out: numbers(program(...inputs)) };
  names.forEach((name, i) => (outputs[`grad_${name}`] = numbers(found[i]!)));
  return outputs;
}

function floats(array: NpyArray | undefined): Tensor {
  if (!array) throw new Error('The case lacks an input');
  const values = Float32Array.from(array.data);
  return array.shape.length === 0 ? scalar(values[0]!) : tensor(values, [...array.shape]);
}

function numbers(result: Tensor): NpyArray {
  return npy(result.shape, tidy(() => result.dataSync()) as Float32Array);
}

function labels(result: Tensor): NpyArray {
  return npy(result.shape, Int32Array.from(result.dataSync()));
}
