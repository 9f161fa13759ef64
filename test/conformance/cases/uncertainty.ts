// Uncertainty inference, its samples, the masking and the distribution loss.
import { cast, reshape, transpose, type Tensor } from '../../../src-core/tensor/index.ts';
import { crossAttention, type ScalePlace } from '../../../src-core/unia/cross-attention.ts';
import { distributionLoss, gaussianDivergence, reweightedCam } from '../../../src-core/unia/distribution-loss.ts';
import { foregroundMask, labelsAtGrid } from '../../../src-core/unia/grid-labels.ts';
import { mapsToTokens, tokensToMaps, type Grid } from '../../../src-core/unia/grid.ts';
import { softAmbiguityMasking } from '../../../src-core/unia/soft-ambiguity-masking.ts';
import {
  inferUncertainty,
  UNCERTAINTY_INFERENCE_DEFAULTS,
  windowMaxPool,
  windowSize,
  type Reading,
} from '../../../src-core/unia/uncertainty-inference.ts';
import {
  reviewUncertainty,
  sampleDistribution,
  sampleDistributionLiterally,
} from '../../../src-core/unia/uncertainty-sampling.ts';
import { npy, type CaseMap, type CaseRun } from '../registry.ts';
import { gridOf, tensorAdapter, weights, type TensorCase } from '../tensors.ts';

const gridOfMaps = (maps: Tensor): Grid => [maps.shape[2]!, maps.shape[3]!];
const readingOf = (value: unknown): Reading => (value === 'paper' ? 'paper' : 'released');
const scalePlaceOf = (options: TensorCase['options']): ScalePlace => (options['literal_eq5'] ? 'outside' : 'inside');
const hasProbe = (run: CaseRun): boolean => Object.keys(run.inputs).some((name) => name.startsWith('probe_'));

export const cases: CaseMap = {
  window_size: ({ options }) => ({ window: npy([2], Int32Array.from(windowSize(gridOf(options['grid'])))) }),

  window_max_pool: tensorAdapter(
    ({ inputs, options }) => {
      const pooled = windowMaxPool(mapsToTokens(inputs['z']!), gridOfMaps(inputs['z']!), gridOf(options['win']));
      return { out: transpose(pooled, [0, 2, 1]) };
    },
    { gradients: (name) => name === 'z' },
  ),

  uin: tensorAdapter(
    ({ inputs, options }) => {
      const grid = gridOfMaps(inputs['z']!);
      const inferred = inferUncertainty(weights(inputs, 'p.'), mapsToTokens(inputs['z']!), grid, {
        ...UNCERTAINTY_INFERENCE_DEFAULTS,
        reading: readingOf(options['reading']),
        channel: options['channel'] !== false,
        spatial: options['spatial'] !== false,
        heads: Number(options['heads']),
        scalePlace: scalePlaceOf(options),
      });
      const { mu, sigma, std, uncertainty } = inferred;
      return {
        mu: tokensToMaps(mu, grid),
        sigma: tokensToMaps(sigma, grid),
        std: tokensToMaps(std, grid),
        u: tokensToMaps(uncertainty, grid),
      };
    },
    { gradients: (_, run) => hasProbe(run) },
  ),

  cross_attention: tensorAdapter(
    ({ inputs, options }) => ({
      out: crossAttention(
        weights(inputs, 'p.'),
        inputs['t']!,
        inputs['s']!,
        Number(options['heads']),
        scalePlaceOf(options),
      ),
    }),
    { gradients: (name) => name === 't' || name === 's' },
  ),

  s_dis: tensorAdapter(
    ({ inputs, options }) => {
      const grid = gridOfMaps(inputs['mu']!);
      const [mu, std, noise] = [inputs['mu']!, inputs['std']!, inputs['eps']!].map(mapsToTokens);
      return { out: sampleDistribution(mu!, std!, noise!, grid, Number(options['k'])) };
    },
    { gradients: (name) => name === 'mu' || name === 'std' },
  ),

  s_dis_samples: tensorAdapter(({ inputs }) => {
    const maps = inputs['mu']!;
    const [K, N, C, H, W] = inputs['eps']!.shape as [number, number, number, number, number];
    const noise = transpose(reshape(inputs['eps']!, [K, N, C, H * W]), [0, 1, 3, 2]);
    return {
      out: sampleDistributionLiterally(mapsToTokens(maps), mapsToTokens(inputs['std']!), noise, gridOfMaps(maps)),
    };
  }),

  soft_ambiguity_masking: tensorAdapter(
    ({ inputs, options }) => {
      const [tokens, uncertainty] = [mapsToTokens(inputs['z']!), mapsToTokens(inputs['u']!)];
      const residual = options['residual'] === true;
      const masked = softAmbiguityMasking(
        weights(inputs, 'p.'),
        tokens,
        uncertainty,
        residual,
        Number(options['heads']),
      );
      return { zf: tokensToMaps(masked, gridOfMaps(inputs['z']!)) };
    },
    { gradients: (name) => name === 'z' || name === 'u' },
  ),

  review_map: tensorAdapter(({ inputs, options }) => {
    const review = reviewUncertainty(mapsToTokens(inputs['u']!), gridOfMaps(inputs['u']!), gridOf(options['size']));
    return { map: review.map, score: review.score };
  }),

  reweighted_cam: tensorAdapter(({ inputs, options }) => ({
    out: reweightedCam(inputs['cam']!, Number(options['lam'])),
  })),

  foreground_mask: tensorAdapter(
    ({ inputs, options }) => ({ out: foregroundMask(inputs['labels']!, gridOf(options['grid'])) }),
    { kind: 'uint8' },
  ),

  nearest: tensorAdapter(({ inputs, options }) => ({ out: labelsAtGrid(inputs['labels']!, gridOf(options['size'])) }), {
    kind: 'int32',
  }),

  loss_dis: tensorAdapter(
    ({ inputs, options }) => ({
      loss: distributionLoss(inputs['s']!, cast(inputs['mask']!, 'float32'), readingOf(options['direction'])),
    }),
    { gradients: (name) => name === 's' },
  ),

  gaussian_kl: tensorAdapter(
    ({ inputs, options }) => ({
      loss: gaussianDivergence(inputs['mu']!, inputs['sigma']!, readingOf(options['reading'])),
    }),
    { gradients: () => true },
  ),
};
