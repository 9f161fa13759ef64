import { describe, expect, it } from 'vitest';
import type { HostTensors } from '../../../src-core/compile/index.ts';
import type { Checkpoint } from '../../../src-core/training/checkpoint.ts';
import type { TrainingConfig } from '../../../src-core/training/config.ts';
import type { ImageData } from '../../../src-core/training/data.ts';
import { initialWeights } from '../../../src-core/training/initial-state.ts';
import { stagesOf } from '../../../src-core/training/stages.ts';
import { beginning, train, type TrainingEvent } from '../../../src-core/training/train.ts';
import { createOnnxRuntimeEngine } from '../../../src-main/engines/onnxruntime.ts';
import { CLASSES, syntheticImages } from '../../support/synthetic-images.ts';
import { tinyJointRecipe, tinyRecipe } from '../../support/tiny-recipe.ts';

// One thread: the nets are tiny, and waiting threads would only take the cores from other tests.
const engine = createOnnxRuntimeEngine({ provider: 'cpu', threads: 1 });
const start = (config: TrainingConfig): Checkpoint =>
  beginning(config, CLASSES, initialWeights(config, CLASSES.length));

/** All events, until the training ends or `stopAfter` steps are done. */
async function events(data: ImageData, from: Checkpoint, stopAfter = Infinity): Promise<TrainingEvent[]> {
  const seen: TrainingEvent[] = [];
  let steps = 0;
  for await (const event of train({ data, engine, start: from, shouldStop: () => steps >= stopAfter })) {
    if (event.kind === 'step') steps++;
    seen.push(event);
  }
  return seen;
}

const checkpoints = (seen: readonly TrainingEvent[]): Checkpoint[] =>
  seen.flatMap((event) => (event.kind === 'checkpoint' ? [event.checkpoint] : []));
const losses = (seen: readonly TrainingEvent[]): Record<string, number>[] =>
  seen.flatMap((event) => (event.kind === 'step' ? [event.losses] : []));

/** Names of the state whose bits differ. */
function differing(a: HostTensors, b: HostTensors): string[] {
  const bits = (state: HostTensors, name: string) => Buffer.from(new Uint8Array(state[name]!.data.buffer));
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => !bits(a, name).equals(bits(b, name)));
}

const windowed = syntheticImages({
  tags: Array.from({ length: 4 }, (_, i) => [
    { item: `image-${i}`, window: { x: 0, y: 0, width: 20, height: 16 }, present: i % 2 === 0 ? [1, 0] : [0, 0] },
    { item: `image-${i}`, window: { x: 4, y: 12, width: 24, height: 20 }, present: i % 2 === 0 ? [0, 0] : [0, 1] },
  ]).flat(),
});

describe('training', () => {
  it('overfits four images: classification under 0.05, segmentation from over 1 to under 0.3', async () => {
    const config = tinyRecipe({
      'batch.images': '4',
      'schedule.iterations': '20',
      'schedule.warmUpShare': '0',
      'segmentationStage.iterations': '40',
      'segmentationStage.images': '4',
      'segmentationStage.side': '32',
      'segmentationStage.learningRate': '0.005',
      'losses.segmentationForm': 'halves',
      'augmentation.mirror': 'false',
      'augmentation.quarterTurns': 'false',
      'augmentation.jitter': '0',
      'augmentation.noise': '0',
      'optimiser.decay': '0',
      checkpointEvery: '1000',
    });
    // Drawn masks: what is overfitted is the truth, not what the CAM of a few steps makes of it.
    const plain = syntheticImages();
    const seen = losses(await events({ ...plain, reviewed: (item) => plain.truth(item) }, start(config)));
    expect(seen[19]!['classification']).toBeLessThan(0.05);
    expect(seen[20]!['segmentation']).toBeGreaterThan(1);
    expect(seen.at(-1)!['segmentation']).toBeLessThan(0.3);
  });

  it('evaluates on validation images, and does without them', async () => {
    const config = tinyRecipe({ 'schedule.iterations': '1', 'segmentationStage.iterations': '1' });
    const data = syntheticImages({ splits: ['train', 'train', 'validation', 'validation'] });
    const looks = (await events(data, start(config))).filter(({ kind }) => kind === 'evaluated');
    expect(looks).toMatchObject([
      { stage: 'classification', iteration: 1, measures: { images: 2, source: 'cam', dice: { length: 2 } } },
      { stage: 'segmentation', iteration: 1, measures: { images: 2, source: 'segmentation' } },
    ]);
    const none = await events(syntheticImages(), start(config));
    expect(none.some(({ kind }) => kind === 'evaluated')).toBe(false);
    expect(none.at(-1)).toEqual({ kind: 'finished' });
  });

  it('leaves out a stage without iterations', () => {
    expect(stagesOf(tinyRecipe({ 'segmentationStage.iterations': '0' }))).toEqual(['classification']);
    expect(stagesOf(tinyRecipe({ 'warmUp.iterations': '3' }))).toEqual(['warm-up', 'classification', 'segmentation']);
    expect(stagesOf(tinyJointRecipe())).toEqual(['joint']);
  });

  it('leaves weights that a stage does not reach as they are', async () => {
    const config = tinyRecipe({ 'schedule.iterations': '1', 'segmentationStage.iterations': '0' });
    const from = start(config);
    const [last] = checkpoints(await events(syntheticImages(), from)).slice(-1);
    const changed = new Set(differing({ ...last!.state, ...from.state }, last!.state));
    expect(changed.has('classifier.weight')).toBe(true);
    expect([...changed].filter((name) => /^(decoder|segmenter)\./.test(name))).toEqual([]);
  });

  it('stops at a loss that is no number, naming step and term', async () => {
    const from = start(tinyRecipe());
    from.state['classifier.weight']!.data[0] = NaN;
    await expect(events(syntheticImages(), from)).rejects.toThrow(
      /^classification step 1: the loss "classification" is NaN; lower optimiser\.learningRate or set optimiser\.clip$/,
    );
  });

  it('learns segmentation from what a person has drawn, in both objectives', async () => {
    // Everything drawn as class 2: the first losses of segmentation differ from those without drawings.
    const drawn = { width: 32, height: 32, data: new Uint8Array(32 * 32).fill(2) };
    const reviewed = Object.fromEntries(syntheticImages().items.map(({ id }) => [id, drawn]));
    const one = { 'schedule.iterations': '1', 'segmentationStage.iterations': '1', 'schedule.segmentation': '0' };
    for (const config of [tinyRecipe(one), tinyJointRecipe(one)]) {
      const first = async (data: ImageData) =>
        losses(await events(data, start(config))).find((terms) => 'segmentation' in terms)!['segmentation'];
      expect(await first(syntheticImages({ reviewed }))).not.toBe(await first(syntheticImages()));
    }
  });
});

describe('a training that is stopped and resumed', () => {
  const everyStep = { checkpointEvery: '1', 'schedule.iterations': '3', 'segmentationStage.iterations': '2' };
  // Checkpoints to go on from, counted from the first step.
  const recipes: [string, TrainingConfig, ImageData, number[]][] = [
    ['in stages, with a warm-up', tinyRecipe({ ...everyStep, 'warmUp.iterations': '2' }), windowed, [1, 2, 4, 5, 6]],
    [
      'in stages on a shared encoder',
      tinyRecipe({ ...everyStep, 'segmentation.encoder': 'shared' }),
      syntheticImages(),
      [4],
    ],
    [
      'in the joint objective on images and windows',
      tinyJointRecipe({
        ...everyStep,
        'batch.windowMode': 'crop',
        'batch.windowShare': '0.5',
        'segmentation.encoder': 'own',
        'schedule.segmentation': '0.5',
      }),
      windowed,
      [1, 2],
    ],
  ];

  it.for(recipes)('ends with the same bits as one that was not: %s', async ([, config, data, from]) => {
    const all = checkpoints(await events(data, start(config)));
    const whole = all.at(-1)!;
    for (const at of from) {
      const resumed = checkpoints(await events(data, all[at - 1]!)).at(-1)!;
      expect(differing(resumed.state, whole.state), `after ${at} steps`).toEqual([]);
      expect({ ...resumed, state: 0 }).toEqual({ ...whole, state: 0 });
    }
  });

  it('stops between pseudo masks, and goes on with those that are missing', async () => {
    const config = tinyRecipe({ 'schedule.iterations': '1', 'segmentationStage.iterations': '1' });
    const data = syntheticImages({ count: 6 });
    let masks = 0;
    const halfway: TrainingEvent[] = [];
    for await (const event of train({ data, engine, start: start(config), shouldStop: () => masks > 0 })) {
      if (event.kind === 'pseudo-masks') masks++;
      halfway.push(event);
    }
    const last = checkpoints(halfway).at(-1)!;
    expect(last).toMatchObject({ stage: 'segmentation', iteration: 0, masks: { size: 4 } });
    const rest = await events(data, last);
    expect(rest.filter(({ kind }) => kind === 'pseudo-masks')).toEqual([{ kind: 'pseudo-masks', done: 2, total: 2 }]);
    const whole = checkpoints(await events(data, start(config))).at(-1)!;
    const finished = checkpoints(rest).at(-1)!;
    expect(differing(finished.state, whole.state)).toEqual([]);
    expect(await events(data, finished)).toEqual([{ kind: 'finished' }]);
  });
});
