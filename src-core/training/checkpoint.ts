import { z } from 'zod';
import { float32, type HostTensors } from '../compile/index.ts';
import { parseConfig, type TrainingConfig } from './config.ts';
import { FIRST, SECOND } from './optimised-step.ts';
import type { RandomState } from './random.ts';
import { openGates } from './schedule.ts';
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
  /** Coded pseudo masks by item (label-codec.ts), once they are made: segmentation goes on with the same ones. */
  readonly masks?: ReadonlyMap<string, Uint8Array>;
}

const FORMAT = 'unia-checkpoint-1';
const MASK = 'mask:';

const word = z.int();
const factsSchema = z.object({
  config: z.unknown(),
  classes: z.array(z.string()).min(1),
  stage: z.enum(['warm-up', 'joint', 'classification', 'segmentation']),
  iteration: z.int().min(0),
  random: z.object({ words: z.tuple([word, word, word, word]), spare: z.number().nullable() }),
});

/** The checkpoint as one safetensors file: weights under their own names, moments and masks under prefixes. */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const { state, masks, ...facts } = checkpoint;
  const tensors = Object.fromEntries(
    Object.entries(state).map(([name, { shape, data }]) => [name, { shape, data: data as Float32Array }]),
  );
  const bytes = Object.fromEntries([...(masks ?? [])].map(([item, coded]) => [MASK + item, coded]));
  return encodeSafetensors({ tensors, bytes, metadata: { format: FORMAT, checkpoint: JSON.stringify(facts) } });
}

/** Errors name the file and what was expected. */
export function decodeCheckpoint(file: Uint8Array, path: string): Checkpoint {
  const { tensors, bytes, metadata } = decodeSafetensors(file, path);
  if (metadata['format'] !== FORMAT) {
    throw new Error(`${path}: expected a UniA checkpoint ("${FORMAT}"), found "${metadata['format'] ?? 'no format'}"`);
  }
  const masks = Object.entries(bytes).map(([name, coded]) => [name.slice(MASK.length), coded] as const);
  return {
    ...readFacts(metadata['checkpoint'] ?? 'null', path),
    state: asState(tensors),
    ...(masks.length > 0 && { masks: new Map(masks) }),
  };
}

function readFacts(text: string, path: string): Omit<Checkpoint, 'state' | 'masks'> {
  try {
    const { config, ...facts } = factsSchema.parse(JSON.parse(text));
    return { ...facts, config: parseConfig(config) };
  } catch (cause) {
    throw new Error(`${path}: the checkpoint's description cannot be read`, { cause });
  }
}

/** The network's weights without the optimiser's moments. */
export function weightsOf(state: HostTensors): HostTensors {
  return Object.fromEntries(
    Object.entries(state).filter(([name]) => !name.startsWith(FIRST) && !name.startsWith(SECOND)),
  );
}

/** Whether the weights have begun to learn segmentation. */
export function hasSegmentation({
  config,
  stage,
  iteration,
}: Pick<Checkpoint, 'config' | 'stage' | 'iteration'>): boolean {
  if (iteration === 0) return false;
  if (stage === 'segmentation') return true;
  const { losses, schedule } = config;
  return (
    stage === 'joint' && losses.segmentation > 0 && openGates(schedule, schedule.iterations, iteration - 1).segmentation
  );
}

/** Whether the weights have begun to learn from tags, without which they say nothing about an image. */
export function hasLearnedTags({ stage, iteration }: Pick<Checkpoint, 'stage' | 'iteration'>): boolean {
  return stage === 'segmentation' || (stage !== 'warm-up' && iteration > 0);
}

function asState(tensors: Readonly<Record<string, StoredTensor>>): HostTensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, { shape, data }]) => [name, float32(shape, data)]));
}
