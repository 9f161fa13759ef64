// A DICOM Segmentation (PS3.3 A.51) as the elements that a writer of DICOM files takes, keyed by their keywords.
import type { Vector } from '../../imaging/dicom-geometry.ts';
import { cielabOf } from './cielab.ts';
import type { PaletteColour } from './indexed-png.ts';
import { SEGMENTATION_DERIVATION, SOURCE_IMAGE, type CodedConcept } from './seg-concepts.ts';

const SEGMENTATION_STORAGE = '1.2.840.10008.5.1.4.1.1.66.4';
/** Whole of a fractional segmentation's values. */
const GREATEST = 255;

/** Who made a segment. */
export type SegAlgorithm = 'AUTOMATIC' | 'SEMIAUTOMATIC' | 'MANUAL';

/** A segment. Segments are numbered from 1 in their order. */
export interface SegSegment {
  readonly label: string;
  readonly category: CodedConcept;
  readonly type: CodedConcept;
  readonly algorithm: SegAlgorithm;
  readonly colour: PaletteColour;
}

/** A source slice that frames lie on. */
export interface SegSlice {
  readonly sopClass: string;
  readonly sopInstance: string;
  readonly series: string;
  /** From 0; undefined where the source file has a single frame. */
  readonly frame: number | undefined;
  readonly position: Vector;
}

/** One segment on one slice: 0 or 1 a pixel, or 0..255 for fractions. */
export interface SegFrame {
  /** From 1. */
  readonly segment: number;
  /** Index of the slice. */
  readonly slice: number;
  readonly data: Uint8Array;
}

/** What is copied from the source so that the segmentation belongs to its study. */
export interface SegContext {
  readonly study: string;
  readonly studyId: string;
  readonly studyDate: string;
  readonly studyTime: string;
  readonly accession: string;
  readonly frameOfReference: string;
  /** Empty unless a person asked for the identity. */
  readonly patient: { readonly name: string; readonly id: string; readonly birthDate: string; readonly sex: string };
}

/** A segmentation to be written. */
export interface SegObject {
  readonly kind: 'BINARY' | 'FRACTIONAL';
  readonly context: SegContext;
  readonly width: number;
  readonly height: number;
  /** Directions of growing column and row number. */
  readonly columns: Vector;
  readonly rows: Vector;
  readonly rowStep: number;
  readonly columnStep: number;
  readonly sliceStep: number;
  readonly slices: readonly SegSlice[];
  readonly segments: readonly SegSegment[];
  readonly frames: readonly SegFrame[];
  readonly sopInstance: string;
  readonly series: string;
  readonly dimensions: string;
  readonly description: string;
  /** Name of what drew automatic segments. */
  readonly algorithmName: string;
  readonly software: string;
  /** YYYYMMDD and HHMMSS. */
  readonly date: string;
  readonly time: string;
}

/** Elements of a segmentation by keyword. */
export function segmentationElements(object: SegObject): Record<string, unknown> {
  const { kind, context, width, height, frames } = object;
  return {
    SOPClassUID: SEGMENTATION_STORAGE,
    SOPInstanceUID: object.sopInstance,
    ...studyElements(context),
    Modality: 'SEG',
    SeriesInstanceUID: object.series,
    SeriesNumber: '900',
    SeriesDate: object.date,
    SeriesTime: object.time,
    SeriesDescription: object.description,
    // Some old series state none.
    ...(context.frameOfReference !== '' && {
      FrameOfReferenceUID: context.frameOfReference,
      PositionReferenceIndicator: '',
    }),
    Manufacturer: 'UniA Studio',
    ManufacturerModelName: 'UniA Studio',
    DeviceSerialNumber: '0',
    SoftwareVersions: object.software,
    InstanceNumber: '1',
    ContentDate: object.date,
    ContentTime: object.time,
    ImageType: ['DERIVED', 'PRIMARY'],
    ContentLabel: 'SEGMENTATION',
    ContentDescription: object.description,
    ContentCreatorName: '',
    LossyImageCompression: '00',
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    Rows: height,
    Columns: width,
    NumberOfFrames: String(frames.length),
    ...(kind === 'BINARY' ? bits(1) : bits(8)),
    PixelRepresentation: 0,
    SegmentationType: kind,
    ...(kind === 'FRACTIONAL' && { SegmentationFractionalType: 'PROBABILITY', MaximumFractionalValue: GREATEST }),
    SegmentSequence: object.segments.map((segment, index) => segmentElements(segment, index + 1, object.algorithmName)),
    ReferencedSeriesSequence: referencedSeries(object.slices),
    DimensionOrganizationSequence: [{ DimensionOrganizationUID: object.dimensions }],
    DimensionIndexSequence: [
      dimension(object.dimensions, 0x0062000b, 0x0062000a, 'ReferencedSegmentNumber'),
      dimension(object.dimensions, 0x00200032, 0x00209113, 'ImagePositionPatient'),
    ],
    SharedFunctionalGroupsSequence: [
      {
        PlaneOrientationSequence: [{ ImageOrientationPatient: [...object.columns, ...object.rows].map(decimal) }],
        PixelMeasuresSequence: [
          {
            SliceThickness: decimal(object.sliceStep),
            SpacingBetweenSlices: decimal(object.sliceStep),
            PixelSpacing: [decimal(object.rowStep), decimal(object.columnStep)],
          },
        ],
      },
    ],
    PerFrameFunctionalGroupsSequence: frames.map((frame) => frameElements(frame, object.slices)),
    PixelData: packFrames(kind, frames, width * height),
  };
}

/** A decimal string of at most 16 characters, as DS allows. */
export function decimal(value: number): string {
  for (let digits = 16; digits > 1; digits--) {
    const text = String(Number(value.toPrecision(digits)));
    if (text.length <= 16) return text;
  }
  return value.toExponential(6);
}

function studyElements({
  study,
  studyId,
  studyDate,
  studyTime,
  accession,
  patient,
}: SegContext): Record<string, unknown> {
  return {
    PatientName: patient.name,
    PatientID: patient.id,
    PatientBirthDate: patient.birthDate,
    PatientSex: patient.sex,
    StudyInstanceUID: study,
    StudyID: studyId,
    StudyDate: studyDate,
    StudyTime: studyTime,
    AccessionNumber: accession,
    ReferringPhysicianName: '',
  };
}

function bits(count: number): Record<string, number> {
  return { BitsAllocated: count, BitsStored: count, HighBit: count - 1 };
}

function segmentElements(segment: SegSegment, number: number, algorithmName: string): Record<string, unknown> {
  return {
    SegmentNumber: number,
    SegmentLabel: segment.label.slice(0, 64),
    SegmentedPropertyCategoryCodeSequence: [segment.category],
    SegmentedPropertyTypeCodeSequence: [segment.type],
    SegmentAlgorithmType: segment.algorithm,
    ...(segment.algorithm !== 'MANUAL' && { SegmentAlgorithmName: algorithmName.slice(0, 64) }),
    RecommendedDisplayCIELabValue: [...cielabOf(segment.colour)],
  };
}

function referencedSeries(slices: readonly SegSlice[]): unknown[] {
  return [...Map.groupBy(slices, ({ series }) => series)].map(([series, members]) => {
    const instances = new Map(members.map(({ sopInstance, sopClass }) => [sopInstance, sopClass]));
    return {
      SeriesInstanceUID: series,
      ReferencedInstanceSequence: [...instances].map(([instance, sopClass]) => ({
        ReferencedSOPClassUID: sopClass,
        ReferencedSOPInstanceUID: instance,
      })),
    };
  });
}

function dimension(organization: string, pointer: number, group: number, label: string): Record<string, unknown> {
  return {
    DimensionOrganizationUID: organization,
    DimensionIndexPointer: pointer,
    FunctionalGroupPointer: group,
    DimensionDescriptionLabel: label,
  };
}

function frameElements({ segment, slice }: SegFrame, slices: readonly SegSlice[]): Record<string, unknown> {
  const { sopClass, sopInstance, frame, position } = slices[slice]!;
  return {
    DerivationImageSequence: [
      {
        SourceImageSequence: [
          {
            ReferencedSOPClassUID: sopClass,
            ReferencedSOPInstanceUID: sopInstance,
            ...(frame !== undefined && { ReferencedFrameNumber: String(frame + 1) }),
            PurposeOfReferenceCodeSequence: [SOURCE_IMAGE],
          },
        ],
        DerivationCodeSequence: [SEGMENTATION_DERIVATION],
      },
    ],
    FrameContentSequence: [{ DimensionIndexValues: [segment, slice + 1] }],
    PlanePositionSequence: [{ ImagePositionPatient: position.map(decimal) }],
    SegmentIdentificationSequence: [{ ReferencedSegmentNumber: segment }],
  };
}

/** Bits of all frames one after another, the first pixel lowest; or bytes. Of even length, as DICOM wants it. */
function packFrames(kind: SegObject['kind'], frames: readonly SegFrame[], pixels: number): ArrayBuffer {
  const bytes = kind === 'BINARY' ? Math.ceil((frames.length * pixels) / 8) : frames.length * pixels;
  const packed = new Uint8Array(bytes + (bytes % 2));
  frames.forEach(({ data }, frame) => {
    if (kind === 'FRACTIONAL') return packed.set(data, frame * pixels);
    for (let pixel = 0, at = frame * pixels; pixel < pixels; pixel++, at++) {
      if (data[pixel] === 1) packed[at >> 3]! |= 1 << (at & 7);
    }
  });
  return packed.buffer;
}
