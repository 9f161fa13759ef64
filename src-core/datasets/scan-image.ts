// One image file as a found volume of a single item.
import { counted } from './counted.ts';
import { EIGHT_BIT_RANGE, measureRange } from '../imaging/normalise.ts';
import type { LabelPlane } from '../imaging/plane.ts';
import { isRefusal, refuse } from '../imaging/refusal.ts';
import { deriveTags, type DerivedTag, type TagOptions } from './derive-tags.ts';
import type { ImagePlan } from './image-plan.ts';
import type { DatasetFiles, FoundTruth, RasterImage, ScanEvent } from './importer.ts';
import { scanPages } from './scan-pages.ts';
import { refused, warning, type TruthPlan } from './scan-volume.ts';
import { encodeLabels } from '../labels/label-codec.ts';
import { createRandom } from '../training/random.ts';
import { toLabels, unnamedValues } from './truth-labels.ts';

/** Opens, measures and tags one image; its path is its identity. */
export async function scanImage(
  files: DatasetFiles,
  plan: ImagePlan,
  classCount: number,
  options: TagOptions,
): Promise<ScanEvent[]> {
  const image = await files.readRaster(plan.file);
  if (isRefusal(image)) return [refused(plan.file, image)];
  if (image.pages && plan.takesPages) return scanPages(files, plan, image.pages, classCount, options);
  const events: ScanEvent[] = [];
  if (image.pages) events.push(warning(plan.file, `${image.pages.count} pages, of which the first is read`));
  if (plan.untagged !== undefined) events.push(warning(plan.file, plan.untagged));
  const measured = image.values instanceof Uint8Array ? undefined : measureRange(image.values);
  if (measured && measured.nonFinite > 0) {
    events.push(
      warning(plan.file, `${counted(measured.nonFinite, 'pixel', 'is')} NaN or infinite, shown as the darkest value`),
    );
  }
  const truth = await openTruth(files, plan.truth, image, events);
  const drawn = await plan.mask?.(image.width, image.height);
  if (drawn && isRefusal(drawn)) events.push(refused(plan.file, drawn));
  const mask = drawn && !isRefusal(drawn) ? drawn : undefined;
  const tags = tagsOf(plan, truth, mask, image, classCount, options);
  events.push({
    kind: 'volume',
    volume: {
      id: plan.file,
      patient: plan.patient,
      file: plan.file,
      kind: 'raster',
      phaseIndex: 0,
      phase: '',
      frame: null,
      width: image.width,
      height: image.height,
      channels: image.channels,
      range: measured ? { low: measured.low, high: measured.high } : EIGHT_BIT_RANGE,
      spacing: null,
      affine: null,
      truth: truth?.found ?? null,
      ...(plan.split ? { split: plan.split } : {}),
      items: [{ id: plan.file, slice: 0, tags, ...(mask && { mask: encodeLabels(mask) }) }],
    },
  });
  return events;
}

function tagsOf(
  plan: ImagePlan,
  truth: { values: ArrayLike<number> } | undefined,
  drawn: LabelPlane | undefined,
  image: RasterImage,
  classCount: number,
  options: TagOptions,
): readonly DerivedTag[] {
  if (plan.stated) return [{ present: plan.stated }];
  if (plan.untagged !== undefined) return [];
  const mask = truth && plan.truth ? toLabels(truth.values, image.width, image.height, plan.truth.values) : drawn;
  if (!mask) return [];
  return deriveTags(mask, classCount, options, createRandom(options.seed).fork(plan.file));
}

async function openTruth(
  files: DatasetFiles,
  plan: TruthPlan | null,
  image: RasterImage,
  events: ScanEvent[],
): Promise<{ found: FoundTruth; values: ArrayLike<number> } | undefined> {
  if (!plan) return undefined;
  const mask = await files.readMask(plan.file);
  const expected = `a mask of the image's size, ${image.width} x ${image.height}`;
  const usable =
    isRefusal(mask) || (mask.width === image.width && mask.height === image.height)
      ? mask
      : refuse(expected, `${mask.width} x ${mask.height}`);
  if (isRefusal(usable)) {
    events.push(refused(plan.file, usable));
    return undefined;
  }
  const unnamed = unnamedValues(usable.values, plan.named);
  if (isRefusal(unnamed)) {
    events.push(refused(plan.file, unnamed));
    return undefined;
  }
  if (unnamed.length > 0) {
    events.push(warning(plan.file, `values ${unnamed.slice(0, 5).join(', ')} name no class and count as background`));
  }
  const found: FoundTruth = { file: plan.file, kind: 'raster', phaseIndex: 0, values: plan.values };
  return { found, values: usable.values };
}
