import type { Engine } from '../../src-core/compile/index.ts';
import type { LabelPlane } from '../../src-core/imaging/plane.ts';
import { keepLargestComponents } from '../../src-core/labels/components.ts';
import { Batches, PreparedImages } from '../../src-core/training/batches.ts';
import { wholeImageTags } from '../../src-core/training/image-tags.ts';
import { hasLearnedTags, hasSegmentation, weightsOf, type Checkpoint } from '../../src-core/training/checkpoint.ts';
import type { TrainingConfig } from '../../src-core/training/config.ts';
import type { DataItem, ImageData } from '../../src-core/training/data.ts';
import { createPredictor, type Prediction, type Predictor } from '../../src-core/training/prediction.ts';
import { restoreLabels, restoreMap } from '../../src-core/training/prepare.ts';
import { camLabels, shownLabels, strongest } from '../../src-core/training/validation.ts';
import { addShown, vanishedClasses } from '../../src-core/training/vanished-classes.ts';
import { denseCrf } from '../../src-core/unia/dense-crf.ts';
import { removePredictions } from '../storage/stale-predictions.ts';
import { AdvisedError } from './advised-error.ts';
import { openImageData } from './image-data.ts';
import type { Project } from './project.ts';
import { readCheckpoint } from './train.ts';
import { classesAt, noteShown, readShown } from './vanished-classes.ts';

/** Slices in one pass of the network. */
const BATCH = 4;

export interface PredictionRequest {
  readonly engine: Engine;
  readonly run: string;
  /** Only these splits; all when left out. */
  readonly splits?: readonly DataItem['split'][];
  /** Predict again what the run has predicted already. */
  readonly again?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface PredictionSummary {
  readonly run: string;
  readonly predicted: number;
  /** Items that the run had predicted before. */
  readonly kept: number;
  readonly stopped: boolean;
  /** Mean share of pixels that the pseudo masks leave open (255). */
  readonly ignoredShare: number;
  /** Names of the classes that the segmentation fails to show, though the pseudo masks do. */
  readonly vanished: readonly string[];
}

/**
 * Predicts the items of a project with a run's newest checkpoint and stores, for each: CAM, P1, P2, P3, P, the
 * segmentation where it is trained, uncertainty and score. Volume by volume, so that an interrupted prediction goes on
 * where it stopped.
 */
export async function predictProject(project: Project, request: PredictionRequest): Promise<PredictionSummary> {
  const checkpoint = readCheckpoint(project, request.run);
  if (!hasLearnedTags(checkpoint)) {
    const advice = { kind: 'resume', project: project.directory, run: request.run } as const;
    throw new AdvisedError(`Run ${request.run} has not learned from tags yet: train it on first`, advice);
  }
  forgetOlderPredictions(project, request.run, checkpoint);
  const data = openImageData(project);
  const before = new Set(request.again ? [] : project.predictedItems(request.run).map(({ item }) => item));
  const wanted = data.items.filter(({ split }) => request.splits?.includes(split) ?? true);
  const volumes = [...Map.groupBy(wanted, ({ volume }) => volume).values()];
  const open = volumes.filter((items) => items.some(({ id }) => !before.has(id)));
  const total = open.reduce((sum, items) => sum + items.length, 0);
  const session = await openSession(request.engine, checkpoint, data);
  const shown = readShown(project, request.run);
  let predicted = 0;
  let ignored = 0;
  try {
    for (const [i, items] of open.entries()) {
      if (request.signal?.aborted) break;
      // The next volume is decoded by other threads while the network works on this one.
      void Promise.allSettled((open[i + 1] ?? []).map(({ id }) => data.image(id)));
      const predictions = await session.predict(items);
      ignored += predictions.reduce((sum, { pseudo }) => sum + ignoredShare(pseudo), 0);
      storeVolume(project, request.run, checkpoint.config, items, predictions);
      for (const prediction of predictions) {
        if (prediction.segmentation) addShown(shown, prediction.pseudo, shownLabels(prediction, checkpoint.config));
      }
      predicted += items.length;
      request.onProgress?.(predicted, total);
      await new Promise(setImmediate);
    }
  } finally {
    await session.close();
    if (predicted > 0) noteShown(project, request.run, shown);
  }
  return {
    run: request.run,
    predicted,
    kept: wanted.length - total,
    stopped: predicted < total,
    ignoredShare: predicted === 0 ? 0 : ignored / predicted,
    vanished: classesAt(project, vanishedClasses(shown)),
  };
}

/** Predictions of an earlier checkpoint of the run are no longer its own: they go, and the new state is noted. */
function forgetOlderPredictions(project: Project, run: string, { stage, iteration }: Checkpoint): void {
  const key = `predictions of ${run}`;
  const state = `${stage} ${iteration}`;
  if (project.setting(key) === state) return;
  project.write(() => {
    removePredictions(project.database, run);
    noteShown(project, run, null);
    project.setSetting(key, state);
  });
}

interface Session {
  predict(items: readonly DataItem[]): Promise<Prediction[]>;
  close(): Promise<void>;
}

async function openSession(engine: Engine, checkpoint: Checkpoint, data: ImageData): Promise<Session> {
  const { config } = checkpoint;
  const weights = weightsOf(checkpoint.state);
  const state = await engine.allocate(weights);
  const shapes = Object.fromEntries(Object.entries(weights).map(([name, { shape }]) => [name, shape]));
  const options = { batch: BATCH, segmentation: hasSegmentation(checkpoint) };
  const predictor = await createPredictor(engine, state, config, shapes, data.classes.length, options);
  const batches = new Batches(data, config, new PreparedImages(data, config));
  const tags = new Map(wholeImageTags(data.tags).map(({ item, present }) => [item, present]));
  return {
    predict: (items) => predictItems(items, predictor, batches, tags, config),
    async close() {
      await predictor.dispose();
      await state.dispose();
    },
  };
}

async function predictItems(
  items: readonly DataItem[],
  predictor: Predictor,
  batches: Batches,
  tags: ReadonlyMap<string, readonly number[]>,
  config: TrainingConfig,
): Promise<Prediction[]> {
  const results: Prediction[] = [];
  for (let from = 0; from < items.length; from += predictor.batch) {
    const group = items.slice(from, from + predictor.batch).map(({ id }) => id);
    const images = await batches.plain(group);
    const predictions = await predictor.predict(
      images,
      group.map((id) => tags.get(id)),
    );
    results.push(
      ...predictions.map((prediction, i) =>
        config.inference.denseCrf ? sharpened(prediction, images, i, config) : prediction,
      ),
    );
  }
  return results;
}

/** The segmentation after the dense CRF over the image's own colours. */
function sharpened(prediction: Prediction, images: Float32Array, index: number, config: TrainingConfig): Prediction {
  if (!prediction.segmentation) return prediction;
  const { side, mean, standardDeviation } = config.data;
  const size = side * side;
  const rgb = new Uint8ClampedArray(3 * size);
  for (let c = 0; c < 3; c++) {
    const offset = (index * 3 + c) * size;
    for (let i = 0; i < size; i++) rgb[3 * i + c] = 255 * (images[offset + i]! * standardDeviation[c]! + mean[c]!);
  }
  const input = { width: side, height: side, probabilities: prediction.segmentation, rgb };
  return { ...prediction, segmentation: denseCrf(input) };
}

/** Writes a whole volume at its stored size. */
function storeVolume(
  project: Project,
  run: string,
  config: TrainingConfig,
  items: readonly DataItem[],
  predictions: readonly Prediction[],
): void {
  const segmentations = segmentationPlanes(config, items, predictions);
  items.forEach((item, i) => {
    const prediction = predictions[i]!;
    const labels = (map: Uint8Array): LabelPlane => restoreLabels(map, item, config.data);
    const values = (map: Float32Array, outside: number) => ({
      width: item.width,
      height: item.height,
      data: restoreMap(map, item, config.data, outside),
    });
    const { cam, p1, p2, p3, pseudo, uncertainty } = prediction;
    const size = p1.length;
    project.writePrediction(run, item.id, {
      score: prediction.score,
      scores: [...prediction.probabilities],
      labels: {
        cam: labels(camLabels(cam, size, config.cam.evaluation)),
        p1: labels(p1),
        p2: labels(p2),
        p3: labels(p3),
        pseudo: labels(pseudo),
        ...(segmentations && { segmentation: segmentations[i]! }),
      },
      values: {
        uncertainty: values(uncertainty, 0),
        ...Object.fromEntries(
          project.classes.map((name, c) => [`cam/${name}`, values(cam.subarray(c * size, (c + 1) * size), 0)]),
        ),
      },
    });
  });
}

/** Class probabilities brought to the stored size before the strongest is taken: smoother than labels brought there. */
function segmentationPlanes(
  config: TrainingConfig,
  items: readonly DataItem[],
  predictions: readonly Prediction[],
): LabelPlane[] | undefined {
  if (!predictions.every(({ segmentation }) => segmentation)) return undefined;
  const planes = items.map((item, i): LabelPlane => {
    const maps = predictions[i]!.segmentation!;
    const size = config.data.side ** 2;
    const count = maps.length / size;
    const pixels = item.width * item.height;
    const restored = new Float32Array(count * pixels);
    for (let c = 0; c < count; c++) {
      const outside = c === 0 ? 1 : 0;
      restored.set(restoreMap(maps.subarray(c * size, (c + 1) * size), item, config.data, outside), c * pixels);
    }
    return { width: item.width, height: item.height, data: strongest(restored, count) };
  });
  return config.inference.largestComponent ? largestPerVolume(planes) : planes;
}

function largestPerVolume(planes: readonly LabelPlane[]): LabelPlane[] {
  const { width, height } = planes[0]!;
  if (planes.some((plane) => plane.width !== width || plane.height !== height)) return [...planes];
  const stack = new Uint8Array(planes.length * width * height);
  planes.forEach(({ data }, i) => stack.set(data, i * width * height));
  const kept = keepLargestComponents(stack, [planes.length, height, width]);
  return planes.map((_, i) => ({ width, height, data: kept.slice(i * width * height, (i + 1) * width * height) }));
}

function ignoredShare(labels: Uint8Array): number {
  let count = 0;
  for (const label of labels) if (label === 255) count++;
  return count / labels.length;
}
