// What is taken from a DICOM file: how its pixels are stored, where each frame lies in space and time, and whose it is.
// Tags and meanings: DICOM PS3.3 and PS3.6.
import { hasValue, itemOf, itemsOf, numberOf, textOf, vectorOf, type DicomDataset } from './dicom-elements.ts';
import type { Vector } from './dicom-geometry.ts';
import type { IntensityRange } from './normalise.ts';
import { refuse, type Refusal } from './refusal.ts';

/** How pixels are stored. */
export interface DicomPixels {
  readonly width: number;
  readonly height: number;
  readonly samples: 1 | 3;
  readonly photometric: string;
  /** Whether the three samples of a pixel lie in planes of their own. */
  readonly planar: boolean;
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly signed: boolean;
  readonly frames: number;
}

/** Where a frame lies and what its values mean. Absent fields are not stated. */
export interface DicomFrame {
  /** Centre of the first voxel: left, back and head of the patient, in millimetres. */
  readonly position?: Vector;
  /** Directions of growing column and row number. */
  readonly columns?: Vector;
  readonly rows?: Vector;
  /** Distances of neighbouring columns and rows, and the thickness or distance of slices, in millimetres. */
  readonly columnStep?: number;
  readonly rowStep?: number;
  readonly sliceStep?: number;
  readonly slope: number;
  readonly intercept: number;
  /** Milliseconds after the heart beat's trigger. */
  readonly trigger?: number;
  /** Place on the time axis, from 1, as the file counts it. */
  readonly moment?: number;
  readonly phase: 'ED' | 'ES' | '';
  /** Values that the source asks to be shown as black and white. */
  readonly shown?: IntensityRange;
}

/** One DICOM image file. Identifiers serve to sort files and are kept in memory only. */
export interface DicomHeader {
  readonly sopClass: string;
  readonly sopInstance: string;
  readonly transferSyntax: string;
  readonly modality: string;
  readonly study: string;
  readonly series: string;
  readonly seriesNumber: number;
  readonly instanceNumber: number;
  readonly frameOfReference: string;
  /** Tells patients apart. */
  readonly patientKey: string;
  /** The patient's identifier, or name where there is none; used only where a person asks to keep it. */
  readonly patientLabel: string;
  readonly pixels: DicomPixels;
  /** One entry, or one for each frame of a multi-frame file. */
  readonly frames: readonly DicomFrame[];
  /** Whether the frames of a multi-frame file follow each other in time where their places do not say. */
  readonly isFilm: boolean;
  /** Whether the file says that text is part of its pixels. */
  readonly burnedIn: boolean;
}

/** More frames than any acquisition has. */
const MOST_FRAMES = 2 ** 16;
const MOST_PIXELS = 2 ** 28;

/** Reads the header of an image. `meta` is the file's meta information. */
export function readDicomHeader(meta: DicomDataset, dataset: DicomDataset): DicomHeader | Refusal {
  const pixels = readPixels(dataset);
  if ('kind' in pixels) return pixels;
  const patient = [textOf(dataset, '00100020'), textOf(dataset, '00100010'), textOf(dataset, '00100030')];
  return {
    sopClass: textOf(dataset, '00080016'),
    sopInstance: textOf(dataset, '00080018'),
    transferSyntax: textOf(meta, '00020010'),
    modality: textOf(dataset, '00080060'),
    study: textOf(dataset, '0020000D'),
    series: textOf(dataset, '0020000E'),
    seriesNumber: numberOf(dataset, '00200011') ?? 0,
    instanceNumber: numberOf(dataset, '00200013') ?? 0,
    frameOfReference: textOf(dataset, '00200052'),
    patientKey: patient.join('\n'),
    patientLabel: (patient[0] ?? '') || (patient[1] ?? ''),
    pixels,
    frames: readFrames(dataset, pixels.frames),
    isFilm: ['00181063', '00181065', '00180040', '00082144'].some((tag) => hasValue(dataset, tag)),
    burnedIn: textOf(dataset, '00280301').toUpperCase() === 'YES',
  };
}

function readPixels(dataset: DicomDataset): DicomPixels | Refusal {
  const whole = (tag: string, missing: number): number => numberOf(dataset, tag) ?? missing;
  const [width, height, samples] = [whole('00280011', 0), whole('00280010', 0), whole('00280002', 1)];
  const frames = whole('00280008', 1);
  if (!isCount(width) || !isCount(height)) {
    return refuse('Rows and Columns of 1 or more', `${height} rows and ${width} columns`);
  }
  if (width * height > MOST_PIXELS) return refuse(`at most ${MOST_PIXELS} pixels a frame`, `${width} x ${height}`);
  if (!isCount(frames) || frames > MOST_FRAMES) return refuse(`1 to ${MOST_FRAMES} frames`, `${frames}`);
  if (samples !== 1 && samples !== 3) return refuse('1 or 3 samples a pixel', `${samples}`);
  const bitsAllocated = whole('00280100', 0);
  if (![1, 8, 16, 32, 64].includes(bitsAllocated)) {
    return refuse('Bits Allocated of 1, 8, 16, 32 or 64', `${bitsAllocated}`);
  }
  if (samples === 3 && bitsAllocated !== 8) return refuse('8 bits a colour', `${bitsAllocated}`);
  const bitsStored = whole('00280101', bitsAllocated);
  const highBit = whole('00280102', bitsStored - 1);
  if (bitsStored < 1 || bitsStored > bitsAllocated || highBit < bitsStored - 1 || highBit >= bitsAllocated) {
    return refuse(`Bits Stored and High Bit within ${bitsAllocated} bits`, `${bitsStored} and ${highBit}`);
  }
  return {
    ...{ width, height, samples, bitsAllocated, bitsStored, highBit, frames },
    photometric: textOf(dataset, '00280004').toUpperCase() || 'MONOCHROME2',
    planar: whole('00280006', 0) === 1,
    signed: whole('00280103', 0) === 1,
  };
}

function readFrames(dataset: DicomDataset, count: number): DicomFrame[] {
  const shared = itemOf(dataset, '52009229');
  const each = itemsOf(dataset, '52009230');
  return Array.from({ length: count }, (_, index) => readFrame(dataset, shared, each[index] ?? {}));
}

/** A frame's own functional groups win over those it shares, those over the elements of the file. */
function readFrame(dataset: DicomDataset, shared: DicomDataset, own: DicomDataset): DicomFrame {
  const groups = (sequence: string): DicomDataset => {
    const mine = itemOf(own, sequence);
    if (Object.keys(mine).length > 0) return mine;
    const common = itemOf(shared, sequence);
    return Object.keys(common).length > 0 ? common : dataset;
  };
  const measures = groups('00289110');
  const steps = vectorOf(measures, '00280030', 2);
  const orientation = vectorOf(groups('00209116'), '00200037', 6);
  const position = vectorOf(groups('00209113'), '00200032', 3);
  const values = groups('00289145');
  const cardiac = groups('00189118');
  const trigger = numberOf(cardiac, '00209153') ?? numberOf(dataset, '00181060');
  const moment = numberOf(groups('00209111'), '00209128') ?? numberOf(dataset, '00200100');
  const sliceStep = numberOf(measures, '00180088') ?? numberOf(measures, '00180050');
  const slope = numberOf(values, '00281053') ?? 1;
  const shown = shownRange(groups('00289132'));
  return {
    ...(position && { position: asVector(position) }),
    ...(orientation && { columns: asVector(orientation), rows: asVector(orientation.slice(3)) }),
    ...(steps && { rowStep: steps[0]!, columnStep: steps[1]! }),
    ...(sliceStep !== undefined && { sliceStep: Math.abs(sliceStep) }),
    // A slope of 0 would make every value the same; no device means that.
    slope: slope === 0 ? 1 : slope,
    intercept: numberOf(values, '00281052') ?? 0,
    ...(trigger !== undefined && { trigger }),
    ...(moment !== undefined && { moment }),
    phase: phaseOf(textOf(cardiac, '00189236')),
    ...(shown && { shown }),
  };
}

function phaseOf(cyclePosition: string): 'ED' | 'ES' | '' {
  if (cyclePosition === 'END_DIASTOLE') return 'ED';
  return cyclePosition === 'END_SYSTOLE' ? 'ES' : '';
}

/** Linear window of PS3.3 C.11.2.1.2: centre - 0.5 - (width - 1) / 2 and the same above. */
function shownRange(dataset: DicomDataset): IntensityRange | undefined {
  const [centre, width] = [numberOf(dataset, '00281050'), numberOf(dataset, '00281051')];
  if (centre === undefined || width === undefined || width < 1) return undefined;
  return { low: centre - 0.5 - (width - 1) / 2, high: centre - 0.5 + (width - 1) / 2 };
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}

function asVector(numbers: readonly number[]): Vector {
  return [numbers[0]!, numbers[1]!, numbers[2]!];
}
