import { float32, type HostTensors } from '../compile/index.ts';
import type { ParameterValues } from '../unia/parameters.ts';
import { ENCODERS } from '../unia/encoder.ts';
import { initialiseNetwork } from '../unia/network.ts';
import { initialisePretraining } from '../unia/pretraining.ts';
import type { TrainingConfig } from './config.ts';
import { createRandom } from './random.ts';
import type { StoredTensor } from './safetensors.ts';

/** Prefix of the warm-up's own weights in the state. */
export const WARM_UP_PREFIX = 'warm-up.';

/** Weights of a new run, seeded; pretrained encoder weights put in place where given. */
export function initialWeights(
  config: TrainingConfig,
  classes: number,
  pretrained?: { readonly file: string; readonly tensors: Readonly<Record<string, StoredTensor>> },
): HostTensors {
  const random = createRandom(config.seed).fork('weights');
  const network = asHost(initialiseNetwork(config, classes, random));
  const warmUp = config.warmUp.iterations > 0 ? warmUpWeights(config) : {};
  return { ...network, ...warmUp, ...(pretrained && encoderWeights(config, network, pretrained)) };
}

/** The pixel decoder and mask token; the warm-up shares the network's encoder. */
function warmUpWeights(config: TrainingConfig): HostTensors {
  const random = createRandom(config.seed).fork('warm-up');
  const values = asHost(initialisePretraining(ENCODERS[config.encoder], random));
  const own = Object.entries(values).filter(([name]) => !name.startsWith('encoder.') || name === 'encoder.mask_token');
  return Object.fromEntries(own.map(([name, value]) => [WARM_UP_PREFIX + name, value]));
}

function asHost(values: Readonly<Record<string, ParameterValues>>): HostTensors {
  return Object.fromEntries(Object.entries(values).map(([name, { shape, data }]) => [name, float32(shape, data)]));
}

/**
 * timm's tensors as encoder weights. The position table may have another grid: it is resized when read. `head.*` is
 * ignored; any other missing, extra or misshapen tensor is an error that names it, with found and expected shape.
 */
function encoderWeights(
  config: TrainingConfig,
  network: HostTensors,
  { file, tensors }: { readonly file: string; readonly tensors: Readonly<Record<string, StoredTensor>> },
): HostTensors {
  const expected = Object.entries(network).filter(([name]) => name.startsWith('encoder.'));
  const known = new Set(expected.map(([name]) => name.slice('encoder.'.length)));
  const extra = Object.keys(tensors).find((name) => !known.has(name) && !name.startsWith('head.'));
  if (extra !== undefined) {
    throw new Error(`${file}: tensor "${extra}" does not belong to the encoder ${config.encoder}`);
  }
  const loaded: [string, HostTensors[string]][] = [];
  for (const [name, { shape }] of expected) {
    const short = name.slice('encoder.'.length);
    const found = tensors[short];
    if (!found)
      throw new Error(
        `${file}: tensor "${short}" is missing; the encoder ${config.encoder} expects (${shape.join(', ')})`,
      );
    if (!fits(short, found.shape, shape)) {
      throw new Error(
        `${file}: tensor "${short}" has shape (${found.shape.join(', ')}), the encoder ${config.encoder} expects (${shape.join(', ')})`,
      );
    }
    loaded.push([name, float32(found.shape, found.data)]);
    const own = name.replace(/^encoder\./, 'segmenter.');
    if (own in network) loaded.push([own, float32(found.shape, found.data)]);
  }
  return Object.fromEntries(loaded);
}

/** A position table may be of any square grid with a class position. */
function fits(name: string, found: readonly number[], expected: readonly number[]): boolean {
  if (found.join() === expected.join()) return true;
  if (name !== 'pos_embed') return false;
  const side = Math.sqrt(found[1]! - 1);
  return found.length === 3 && found[0] === 1 && found[2] === expected[2] && Number.isInteger(side) && side > 0;
}
