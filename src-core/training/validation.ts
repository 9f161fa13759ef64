import { meanAveragePrecision } from '../measure/average-precision.ts';
import { addToConfusion, emptyConfusion } from '../measure/confusion.ts';
import { confusionRatio, dice, overlapCounts } from '../measure/overlap.ts';
import type { Batches } from './batches.ts';
import { wholeImageTags } from './image-tags.ts';
import type { TrainingConfig } from './config.ts';
import type { ImageData, TaggedRegion } from './data.ts';
import type { Prediction, Predictor } from './prediction.ts';
import { prepareLabels } from './prepare.ts';
import { addShown, nothingShown, vanishedClasses } from './vanished-classes.ts';

/** Images looked at in one validation; enough to see a trend, few enough not to hold up training. */
export const VALIDATION_IMAGES = 32;
const SAMPLES = 4;

export interface ValidationMeasures {
  readonly images: number;
  /** Mean average precision of the image-level prediction; null without validation tags of both kinds. */
  readonly meanAveragePrecision: number | null;
  /** Which map was compared with the truth; null where no validation image has truth. */
  readonly source: 'segmentation' | 'cam' | null;
  /** Pooled over the images, per class in the project's order; null where it is not defined. */
  readonly dice: readonly (number | null)[];
  readonly confusionRatio: readonly (number | null)[];
  /** Places of the classes that the pseudo masks show and the segmentation does not. */
  readonly vanished: readonly number[];
}

/** A validation image with what the network makes of it, to be looked at. */
export interface ValidationSample {
  readonly item: string;
  readonly prediction: Prediction;
}

/** Measures on validation images, spread evenly over them, and a few of them as samples; undefined when there are none. */
export async function validate(
  data: ImageData,
  config: TrainingConfig,
  batches: Batches,
  predictor: Predictor,
): Promise<{ readonly measures: ValidationMeasures; readonly samples: readonly ValidationSample[] } | undefined> {
  const regions = validationRegions(data);
  if (regions.length === 0) return undefined;
  const confusion = emptyConfusion(data.classes.length + 1);
  const shown = nothingShown(data.classes.length);
  const scores: Float32Array[] = [];
  const samples: ValidationSample[] = [];
  const kept = sampleItems(regions);
  let source: ValidationMeasures['source'] = null;
  for (let from = 0; from < regions.length; from += predictor.batch) {
    const group = regions.slice(from, from + predictor.batch);
    const images = await batches.plain(group.map(({ item }) => item));
    const predictions = await predictor.predict(
      images,
      group.map(({ present }) => present),
    );
    for (const [i, { item }] of group.entries()) {
      const prediction = predictions[i]!;
      scores.push(prediction.probabilities);
      if (kept.has(item)) samples.push({ item, prediction });
      if (prediction.segmentation) addShown(shown, prediction.pseudo, shownLabels(prediction, config));
      const truth = await data.truth(item);
      if (!truth) continue;
      source = prediction.segmentation ? 'segmentation' : 'cam';
      addToConfusion(confusion, prepareLabels(truth, config.data), shownLabels(prediction, config));
    }
  }
  const present = regions.map((region) => region.present);
  const counts = data.classes.map((_, i) => overlapCounts(confusion, i + 1));
  const known = (value: number): number | null => (Number.isFinite(value) ? value : null);
  const measures: ValidationMeasures = {
    images: regions.length,
    meanAveragePrecision: known(meanAveragePrecision(scores, present, data.classes.length).mean),
    source,
    dice: counts.map((count) => (source ? known(dice(count)) : null)),
    confusionRatio: counts.map((count) => (source ? known(confusionRatio(count)) : null)),
    vanished: vanishedClasses(shown),
  };
  return { measures, samples };
}

function validationRegions(data: ImageData): TaggedRegion[] {
  const held = new Set(data.items.filter(({ split }) => split === 'validation').map(({ id }) => id));
  const tagged = wholeImageTags(data.tags.filter(({ item }) => held.has(item)));
  const step = Math.max(1, tagged.length / VALIDATION_IMAGES);
  return Array.from({ length: Math.min(tagged.length, VALIDATION_IMAGES) }, (_, i) => tagged[Math.floor(i * step)]!);
}

/** A few images, spread evenly over those that show a class, or over all where too few do. */
function sampleItems(regions: readonly TaggedRegion[]): ReadonlySet<string> {
  const showing = regions.filter(({ present }) => present.includes(1));
  const from = showing.length >= SAMPLES ? showing : regions;
  const step = Math.max(1, from.length / SAMPLES);
  const count = Math.min(from.length, SAMPLES);
  return new Set(Array.from({ length: count }, (_, i) => from[Math.floor((i + 0.5) * step)]!.item));
}

/** Segmentation where there is one, else the CAM's evaluation label. */
export function shownLabels(prediction: Prediction, config: TrainingConfig): Uint8Array {
  const { segmentation, cam } = prediction;
  return segmentation
    ? strongest(segmentation, segmentation.length / prediction.p1.length)
    : camLabels(cam, prediction.p1.length, config.cam.evaluation);
}

/** Index of the strongest of `count` maps at every pixel. */
export function strongest(maps: Float32Array, count: number): Uint8Array {
  const size = maps.length / count;
  const labels = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    for (let c = 1; c < count; c++) if (maps[c * size + i]! > maps[labels[i]! * size + i]!) labels[i] = c;
  }
  return labels;
}

/** The CAM's evaluation label: strongest class above the threshold, else background. */
export function camLabels(cam: Float32Array, size: number, threshold: number): Uint8Array {
  const classes = cam.length / size;
  const labels = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    let top = threshold;
    for (let c = 0; c < classes; c++) {
      if (cam[c * size + i]! <= top) continue;
      top = cam[c * size + i]!;
      labels[i] = c + 1;
    }
  }
  return labels;
}
