// An image file of several pages: the slices of one volume, or the moments of one recording, a volume each.
import { isRefusal, refuse, type Refusal } from '../imaging/refusal.ts';
import type { TagOptions } from './derive-tags.ts';
import type { DatasetFiles, RasterPages, ScanEvent } from './importer.ts';
import type { ImagePlan, MaskReader } from './image-plan.ts';
import { scanParts, type PartPlan, type PartsPlan, type ReadPart } from './scan-parts.ts';
import { refused, warning, type TruthPlan } from './scan-volume.ts';
import { toLabels, unnamedValues } from './truth-labels.ts';

/** Opens, measures and tags the pages of an image file; a mask file has as many. */
export async function scanPages(
  files: DatasetFiles,
  plan: ImagePlan,
  { count, follow }: RasterPages,
  classCount: number,
  options: TagOptions,
): Promise<ScanEvent[]> {
  const { file, patient, split, truth, slices } = plan;
  const events: ScanEvent[] = [];
  if (plan.untagged !== undefined) events.push(warning(file, plan.untagged));
  else if (plan.stated && !slices) {
    events.push(warning(file, `a tag of the whole file says nothing about any of its ${count} pages; it is left out`));
  }
  const masks = truth && (await openMasks(files, truth, count, events));
  const parts = Array.from({ length: count }, (_, frame): PartPlan => {
    const stated = slices?.get(frame);
    return { file, frame, ...(stated && { stated }), ...(masks && { mask: masks(frame) }) };
  });
  const common = {
    ...({ patient, kind: 'pages', phase: '', ...(split && { split }) } as const),
    geometry: () => ({ spacing: null, affine: null }),
  };
  const digits = Math.max(2, String(count).length);
  const volumes: PartsPlan[] =
    follow === 'space'
      ? [{ ...common, id: file, phaseIndex: 0, frame: null, parts }]
      : parts.map((part, index) => {
          const id = `${file}_frame${String(index + 1).padStart(digits, '0')}`;
          return { ...common, id, phaseIndex: index, frame: index + 1, parts: [part] };
        });
  const read: ReadPart = ({ frame }) => files.readRaster(file, frame);
  for (const volume of volumes) events.push(...(await scanParts(read, volume, classCount, options)));
  return events;
}

/** Readers of a mask file's pages; undefined where it does not have one for each page of the image. */
async function openMasks(
  files: DatasetFiles,
  { file, values, named }: TruthPlan,
  count: number,
  events: ScanEvent[],
): Promise<((page: number) => MaskReader) | undefined> {
  const first = await files.readMask(file);
  const pages = isRefusal(first) ? first : (first.pages?.count ?? 1);
  const wrong: Refusal | undefined = isRefusal(pages)
    ? pages
    : pages === count
      ? undefined
      : refuse(`a mask of the image's ${count} pages`, `${pages}`);
  if (wrong) {
    events.push(refused(file, wrong));
    return undefined;
  }
  const doubted = new Set<number>();
  return (page) => async (width, height) => {
    const mask = await files.readMask(file, page);
    if (isRefusal(mask)) return mask;
    if (mask.width !== width || mask.height !== height) {
      return refuse(`a mask of the image's size, ${width} x ${height}`, `${mask.width} x ${mask.height}`);
    }
    const unnamed = unnamedValues(mask.values, named);
    if (isRefusal(unnamed)) return unnamed;
    for (const value of unnamed) {
      if (doubted.has(value)) continue;
      doubted.add(value);
      events.push(warning(file, `value ${value} names no class and counts as background`));
    }
    return toLabels(mask.values, width, height, values);
  };
}
