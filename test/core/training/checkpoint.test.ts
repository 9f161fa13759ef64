import { describe, expect, it } from 'vitest';
import { float32 } from '../../../src-core/compile/index.ts';
import { encodeLabels } from '../../../src-core/labels/label-codec.ts';
import {
  decodeCheckpoint,
  encodeCheckpoint,
  hasLearnedTags,
  hasSegmentation,
  weightsOf,
  type Checkpoint,
} from '../../../src-core/training/checkpoint.ts';
import { FIRST, SECOND } from '../../../src-core/training/optimised-step.ts';
import { createRandom } from '../../../src-core/training/random.ts';
import { decodeSafetensors, encodeSafetensors } from '../../../src-core/training/safetensors.ts';
import { tinyJointRecipe, tinyRecipe } from '../../support/tiny-recipe.ts';

function checkpoint(): Checkpoint {
  const random = createRandom(4);
  random.normal();
  const weight = float32([2], Float32Array.of(1.5, -0));
  return {
    config: tinyRecipe(),
    classes: ['left, right', 'größe'],
    stage: 'segmentation',
    iteration: 3,
    random: random.state(),
    state: {
      'classifier.weight': weight,
      [`${FIRST}classifier.weight`]: weight,
      [`${SECOND}classifier.weight`]: weight,
    },
    masks: new Map([['patient 1/größe', encodeLabels({ width: 2, height: 1, data: Uint8Array.of(1, 255) })]]),
  };
}

describe('a checkpoint', () => {
  it('comes back from its file as it was', () => {
    expect(decodeCheckpoint(encodeCheckpoint(checkpoint()), 'c')).toEqual(checkpoint());
    const { masks: _masks, ...without } = checkpoint();
    expect(decodeCheckpoint(encodeCheckpoint(without), 'c')).toEqual(without);
  });

  it('keeps weights and moments apart by name', () => {
    expect(Object.keys(weightsOf(checkpoint().state))).toEqual(['classifier.weight']);
  });

  it('names the file whatever is wrong with it', () => {
    const whole = encodeCheckpoint(checkpoint());
    const { tensors, metadata } = decodeSafetensors(whole, 'c');
    const facts = (change: object): Uint8Array =>
      encodeSafetensors({
        tensors,
        metadata: {
          ...metadata,
          checkpoint: JSON.stringify({ ...(JSON.parse(metadata['checkpoint']!) as object), ...change }),
        },
      });
    const bad: Uint8Array[] = [
      new Uint8Array(),
      whole.subarray(0, whole.length - 5),
      encodeSafetensors({ tensors, metadata: {} }),
      encodeSafetensors({ tensors, metadata: { format: metadata['format']! } }),
      encodeSafetensors({ tensors, metadata: { format: metadata['format']!, checkpoint: '{' } }),
      facts({ stage: 'dreaming' }),
      facts({ iteration: -1 }),
      facts({ random: null }),
      facts({ config: { ...tinyRecipe(), seed: 'x' } }),
    ];
    for (const bytes of bad) expect(() => decodeCheckpoint(bytes, 'runs/run-001/c.st')).toThrow('runs/run-001/c.st');
  });

  it('is told apart from other safetensors files', () => {
    const other = encodeSafetensors({ tensors: {}, metadata: { format: 'pt' } });
    expect(() => decodeCheckpoint(other, 'c')).toThrow(
      'c: expected a UniA checkpoint ("unia-checkpoint-1"), found "pt"',
    );
  });
});

describe('what a checkpoint has learned', () => {
  const staged = tinyRecipe();
  // Of 4 iterations the gate at 10 % opens with the second.
  const joint = tinyJointRecipe();

  it('is segmentation once a step of it is done', () => {
    const has = (config: typeof staged, stage: Checkpoint['stage'], iteration: number) =>
      hasSegmentation({ config, stage, iteration });
    expect(has(staged, 'classification', 4)).toBe(false);
    expect(has(staged, 'segmentation', 0)).toBe(false);
    expect(has(staged, 'segmentation', 1)).toBe(true);
    expect(has(joint, 'joint', 1)).toBe(false);
    expect(has(joint, 'joint', 2)).toBe(true);
    expect(has(tinyJointRecipe({ 'losses.segmentation': '0' }), 'joint', 4)).toBe(false);
  });

  it('is nothing about tags during the warm-up and before the first step', () => {
    expect(hasLearnedTags({ stage: 'warm-up', iteration: 9 })).toBe(false);
    expect(hasLearnedTags({ stage: 'classification', iteration: 0 })).toBe(false);
    expect(hasLearnedTags({ stage: 'joint', iteration: 1 })).toBe(true);
    expect(hasLearnedTags({ stage: 'segmentation', iteration: 0 })).toBe(true);
  });
});
