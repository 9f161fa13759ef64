// DICOM images sorted into volumes: by patient and series, then by place along the slices' normal, then by time.
import { isParallel, placeAlongNormal } from '../imaging/dicom-geometry.ts';
import type { DicomFrame, DicomHeader } from '../imaging/dicom-header.ts';

/** One image file with its header. */
export interface DicomImage {
  readonly file: string;
  readonly header: DicomHeader;
}

/** One slice: a frame of a file. */
export interface DicomSlice extends DicomImage {
  /** From 0. */
  readonly frame: number;
  readonly place: DicomFrame;
}

/** Slices that belong together, in order: phases, and the slices of each. */
export interface DicomStack {
  readonly patientKey: string;
  readonly phases: readonly (readonly DicomSlice[])[];
  /** What is doubtful about the order, in words. */
  readonly doubts: readonly string[];
}

/** Places closer than this are one place, in millimetres. */
const SAME_PLACE_MM = 0.05;

/** Sorts images into stacks, in the order of their patients, series and files. */
export function sortIntoStacks(images: readonly DicomImage[]): DicomStack[] {
  const bySeries = Map.groupBy(images, ({ header }) => [header.patientKey, header.study, header.series].join('\n'));
  const series = [...bySeries.values()].sort(
    (a, b) => a[0]!.header.seriesNumber - b[0]!.header.seriesNumber || compareNames(a[0]!.file, b[0]!.file),
  );
  const stacks = series.flatMap((group) => clusters(group).flatMap(stacksOf));
  return joinSlices(stacks);
}

/** Compares file names as people count them: 9 comes before 10. */
export function compareNames(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true }) || (a < b ? -1 : Number(a > b));
}

/** Frames of one size, look and orientation. */
function clusters(images: readonly DicomImage[]): DicomSlice[][] {
  const groups: DicomSlice[][] = [];
  for (const image of images) {
    image.header.frames.forEach((place, frame) => {
      const slice: DicomSlice = { ...image, frame, place };
      const group = groups.find(([first]) => first && isAlike(first, slice));
      if (group) group.push(slice);
      else groups.push([slice]);
    });
  }
  return groups;
}

function isAlike(a: DicomSlice, b: DicomSlice): boolean {
  const [one, other] = [a.header.pixels, b.header.pixels];
  const sameSize = one.width === other.width && one.height === other.height && one.samples === other.samples;
  const bothPlaced = (placeAlongNormal(a.place) === undefined) === (placeAlongNormal(b.place) === undefined);
  return sameSize && bothPlaced && isParallel(a.place, b.place);
}

function stacksOf(slices: readonly DicomSlice[]): DicomStack[] {
  const { patientKey } = slices[0]!.header; // a cluster is never empty
  if (placeAlongNormal(slices[0]!.place) !== undefined) return [{ patientKey, ...stackByPlace(slices) }];
  // Without places nothing says which files belong together; a multi-frame file does in itself.
  return [...Map.groupBy(slices, ({ file }) => file).values()].map((frames) => {
    const isFilm = frames[0]!.header.isFilm && frames.length > 1;
    const doubts = frames.length > 1 && !isFilm ? ['nothing says where its frames lie; they are taken as slices'] : [];
    return { patientKey, phases: isFilm ? frames.map((frame) => [frame]) : [frames], doubts };
  });
}

function stackByPlace(slices: readonly DicomSlice[]): Pick<DicomStack, 'phases' | 'doubts'> {
  const columns = byPlace(slices).map((column) => column.sort(timeOrder(column)));
  const counts = columns.map((column) => column.length);
  const most = Math.max(...counts);
  const phases = Array.from({ length: most }, (_, phase) =>
    columns.map((column) => column[phase]).filter((slice) => slice !== undefined),
  );
  const fewest = Math.min(...counts);
  const doubts =
    fewest < most ? [`places have ${fewest} to ${most} images each; later phases lack the places that have fewer`] : [];
  return { phases, doubts };
}

/** Slices of each place, along the normal. */
function byPlace(slices: readonly DicomSlice[]): DicomSlice[][] {
  const placed = slices
    .map((slice) => ({ slice, at: placeAlongNormal(slice.place)! })) // every slice of the cluster has one
    .sort((a, b) => a.at - b.at);
  const columns: DicomSlice[][] = [];
  let last = -Infinity;
  for (const { slice, at } of placed) {
    if (at - last > SAME_PLACE_MM) columns.push([]);
    columns.at(-1)!.push(slice);
    last = at;
  }
  return columns;
}

/** By the first of these that tells the images of a place apart: time axis, trigger time, number of the image and frame. */
function timeOrder(column: readonly DicomSlice[]): (a: DicomSlice, b: DicomSlice) => number {
  const tellsApart = (time: (slice: DicomSlice) => number | undefined): boolean => {
    const times = new Set(column.map(time));
    return times.size === column.length && !times.has(undefined);
  };
  const key = [(slice: DicomSlice) => slice.place.moment, (slice: DicomSlice) => slice.place.trigger].find(tellsApart);
  return (a, b) =>
    (key ? key(a)! - key(b)! : 0) || // told apart: every slice has one
    a.header.instanceNumber - b.header.instanceNumber ||
    compareNames(a.file, b.file) ||
    a.frame - b.frame;
}

/**
 * Cine protocols often store each slice of the heart as a series of its own. Series of one place and as many phases, parallel and
 * of one study, are one stack.
 */
function joinSlices(stacks: readonly DicomStack[]): DicomStack[] {
  const joined: DicomStack[] = [];
  const pending = [...stacks];
  while (pending.length > 0) {
    const first = pending.shift()!;
    const mates = isCineOfOneSlice(first)
      ? pending.filter((other) => isCineOfOneSlice(other) && fit(first, other))
      : [];
    const places = [first, ...mates].map((stack) => placeAlongNormal(stack.phases[0]![0]!.place)!);
    const apart = new Set(places.map((place) => Math.round(place / SAME_PLACE_MM))).size === places.length;
    if (mates.length === 0 || !apart) {
      joined.push(first);
      continue;
    }
    for (const mate of mates) pending.splice(pending.indexOf(mate), 1);
    const together = stackByPlace([first, ...mates].flatMap(({ phases }) => phases.flat()));
    const doubts = [...together.doubts, `${mates.length + 1} series of one slice each are taken as one recording`];
    joined.push({ patientKey: first.patientKey, phases: together.phases, doubts });
  }
  return joined;
}

function isCineOfOneSlice({ phases }: DicomStack): boolean {
  const [first] = phases;
  return phases.length > 1 && first?.length === 1 && placeAlongNormal(first[0]!.place) !== undefined;
}

function fit(a: DicomStack, b: DicomStack): boolean {
  const [one, other] = [a.phases[0]![0]!, b.phases[0]![0]!];
  return (
    a.patientKey === b.patientKey &&
    one.header.study === other.header.study &&
    one.header.frameOfReference === other.header.frameOfReference &&
    a.phases.length === b.phases.length &&
    isAlike(one, other)
  );
}
