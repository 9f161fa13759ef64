// Affinity, token contrast and segmentation losses.
import { contrastiveAffinityLoss } from '../../../src-core/unia/contrastive-affinity-loss.ts';
import { mapsToTokens } from '../../../src-core/unia/grid.ts';
import { segmentationLoss } from '../../../src-core/unia/segmentation-loss.ts';
import { tokenContrastLoss } from '../../../src-core/unia/token-contrast-loss.ts';
import type { CaseMap } from '../registry.ts';
import { gridOf, tensorAdapter } from '../tensors.ts';

export const cases: CaseMap = {
  loss_aff: tensorAdapter(
    ({ inputs, options }) => ({
      loss: contrastiveAffinityLoss(inputs['a']!, inputs['labels']!, gridOf(options['grid']), {
        form: options['form'] === 'paper' ? 'paper' : 'released',
        temperature: Number(options['tau']),
        radius: Number(options['radius'] ?? 0),
      }),
    }),
    { gradients: (name) => name === 'a' },
  ),

  token_contrast: tensorAdapter(
    ({ inputs }) => {
      const maps = inputs['z']!;
      const grid = [maps.shape[2]!, maps.shape[3]!] as const;
      return { loss: tokenContrastLoss(mapsToTokens(maps), inputs['labels']!, grid) };
    },
    { gradients: (name) => name === 'z' },
  ),

  loss_seg: tensorAdapter(({ inputs }) => ({ loss: segmentationLoss(inputs['logits']!, inputs['labels']!) }), {
    gradients: (name) => name === 'logits',
  }),
};
