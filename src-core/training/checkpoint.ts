import { float32, type HostTensors } from '../compile/index.ts';
import { parseConfig, type TrainingConfig } from './config.ts';
import { FIRST, SECOND } from './optimised-step.ts';
import type { RandomState } from './random.ts';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from './safetensors.ts';

export type StageName = 'warm-up' | 'joint' | 'classification' | 'segmentation';

/** Everything needed to go on as if nothing had happened. */
export interface Checkpoint {
  readonly config: TrainingConfig;
  readonly classes: readonly string[];
  readonly stage: StageName;
  /** Iterations of the stage that are done. */
  readonly iteration: number;
  readonly random: RandomState;
  /** Weights and optimiser moments. */
  readonly state: HostTensors;
}

const FORMAT = 'unia-checkpoint-1';

/** The checkpoint as one safetensors file: weights under their own names, moments under prefixes. */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const { state, ...facts } = checkpoint;
  const tensors = Object.fromEntries(
    Object.entries(state).map(([name, { shape, data }]) => [name, { shape, data: data as Float32Array }]),
  );
  return encodeSafetensors({ tensors, metadata: { format: FORMAT, checkpoint: JSON.stringify(facts) } });
}

/** Errors name the file and what was expected. */
export function decodeCheckpoint(bytes: Uint8Array, file: string): Checkpoint {
  const { tensors, metadata } = decodeSafetensors(bytes, file);
  if (metadata['format'] !== FORMAT) {
    throw new Error(`${file}: expected a UniA checkpoint ("${FORMAT}"), found "${metadata['format'] ?? 'no format'}"`);
  }
  const facts = JSON.parse(metadata['checkpoint'] ?? 'null') as Omit<Checkpoint, 'state'>;
  return { ...facts, config: parseConfig(facts.config), state: asState(tensors) };
}

/** The network's weights without the optimiser's moments. */
export function weightsOf(state: HostTensors): HostTensors {
  return Object.fromEntries(
    Object.entries(state).filter(([name]) => !name.startsWith(FIRST) && !name.startsWith(SECOND)),
  );
}

function asState(tensors: Readonly<Record<string, StoredTensor>>): HostTensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, { shape, data }]) => [name, float32(shape, data)]));
}
