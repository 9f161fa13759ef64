// Encoder, heads and decoder.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { slice, tensor, type Tensor } from '../../../src-core/tensor/index.ts';
import { cam, imageLogits, multiLabelSoftMargin } from '../../../src-core/unia/classifier.ts';
import { decodeLargeFieldOfView } from '../../../src-core/unia/decoder-largefov.ts';
import { encode, type EncoderConfig, type EncoderOutput } from '../../../src-core/unia/encoder.ts';
import { mapsToTokens, tokensToMaps, type Grid } from '../../../src-core/unia/grid.ts';
import { resizePositionEmbedding } from '../../../src-core/unia/position-embedding.ts';
import type { CaseMap, CaseRun } from '../registry.ts';
import { gridOf, tensorAdapter, weights, type TensorCase } from '../tensors.ts';

const hasProbe = (_: string, run: CaseRun): boolean =>
  Object.keys(run.inputs).some((name) => name.startsWith('probe_'));

function visionTransformer(
  options: TensorCase['options'],
  parameters: Readonly<Record<string, Tensor>>,
): EncoderConfig {
  const { depth, heads, patch } = options as { depth: number; heads: number; patch: number }; // index.json
  const width = parameters['cls_token']!.shape[2]!;
  return { kind: 'vit', patch, width, depth, heads, tableSide: 14 };
}

function tokenOutputs({ grid, tokens, auxiliary }: EncoderOutput): Record<string, Tensor> {
  return { tokens: tokensToMaps(tokens, grid), aux: tokensToMaps(auxiliary, grid) };
}

/** The caller brings sides to multiples of the patch (method.md 10); the reference's convolution leaves the rest out. */
function wholePatches(images: Tensor, patch: number): Tensor {
  const [N, I, H, W] = images.shape as [number, number, number, number];
  return slice(images, [0, 0, 0, 0], [N, I, H - (H % patch), W - (W % patch)]);
}

/** The float32 tensors of a safetensors file. */
function readSafetensors(path: string): Record<string, Tensor> {
  const bytes = readFileSync(path);
  const headerLength = Number(bytes.readBigUInt64LE(0));
  type Header = Record<string, { readonly shape: number[]; readonly data_offsets: readonly [number, number] }>;
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerLength)) as Header; // the format's own layout
  const start = bytes.byteOffset + 8 + headerLength;
  return Object.fromEntries(
    Object.entries(header)
      .filter(([name]) => name !== '__metadata__')
      .map(
        ([
          name,
          {
            shape,
            data_offsets: [from, to],
          },
        ]) => {
          const data = new Float32Array(bytes.buffer.slice(start + from, start + to));
          return [name, tensor(data, shape)];
        },
      ),
  );
}

export const cases: CaseMap = {
  resize_pos_embed: tensorAdapter(
    ({ inputs, options }) => ({ out: resizePositionEmbedding(inputs['pos']!, gridOf(options['grid'])) }),
    { gradients: (name, run) => name === 'pos' && hasProbe(name, run) },
  ),

  vit_forward: tensorAdapter(
    ({ inputs, options }) => {
      const parameters = weights(inputs, 'w.');
      const config = visionTransformer(options, parameters);
      const output = encode(parameters, wholePatches(inputs['x']!, Number(options['patch'])), config, {
        attention: true,
      });
      return { ...tokenOutputs(output), qk: output.attentionLogits!, attn: output.attention! };
    },
    { gradients: (name, run) => name.startsWith('w.') && hasProbe(name, run) },
  ),

  // The 224 px case holds no attention maps: the same network runs without them.
  vit_ti16: tensorAdapter(({ inputs, options, folder }) => {
    const parameters = readSafetensors(join(folder, String(options['weights'])));
    const image = inputs['x']!;
    const withMaps = image.shape[2] !== 224;
    const output = encode(parameters, image, visionTransformer(options, parameters), { attention: withMaps });
    const maps = withMaps ? { qk: output.attentionLogits!, attn: output.attention! } : {};
    return { ...tokenOutputs(output), ...maps };
  }),

  gmp_logits: tensorAdapter(
    ({ inputs }) => ({ out: imageLogits(mapsToTokens(inputs['z']!), inputs['weight']!, 'gmp') }),
    { gradients: () => true },
  ),

  cam: tensorAdapter(({ inputs }) => {
    const maps = inputs['z']!;
    const grid: Grid = [maps.shape[2]!, maps.shape[3]!];
    return { out: cam(mapsToTokens(maps), inputs['weight']!, grid) };
  }),

  soft_margin: tensorAdapter(({ inputs }) => ({ loss: multiLabelSoftMargin(inputs['logits']!, inputs['y']!) }), {
    gradients: (name) => name === 'logits',
  }),

  largefov: tensorAdapter(
    ({ inputs }) => {
      const maps = inputs['z']!;
      const grid: Grid = [maps.shape[2]!, maps.shape[3]!];
      return { out: decodeLargeFieldOfView(weights(inputs, 'p.'), mapsToTokens(maps), grid) };
    },
    { gradients: () => true },
  ),
};
