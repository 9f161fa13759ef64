// One DICOM segmentation over the slices of a volume, whose source files are opened for what it has to repeat of them.
import { createHash } from 'node:crypto';
import {
  segmentationElements,
  type SegContext,
  type SegFrame,
  type SegObject,
  type SegSegment,
  type SegSlice,
} from '../../../src-core/datasets/codecs/dicom-seg-write.ts';
import { textOf, type DicomDataset } from '../../../src-core/imaging/dicom-elements.ts';
import type { DicomFrame } from '../../../src-core/imaging/dicom-header.ts';
import { isRefusal, type Refusal } from '../../../src-core/imaging/refusal.ts';
import { openDicomFile } from '../dicom/dicom-file.ts';
import { writeDicom } from '../dicom/dicom-write.ts';
import type { Project, ProjectVolume } from '../project.ts';
import { locateSource } from '../source-files.ts';
import { programVersion } from './program-version.ts';

/** What a segmentation shows. */
export interface SegContent {
  readonly kind: SegObject['kind'];
  readonly description: string;
  readonly segments: readonly SegSegment[];
  readonly frames: readonly SegFrame[];
  /** Whether the patient's name and number are repeated. */
  readonly identity: boolean;
  readonly run: string | null;
  /** When the masks last changed, ISO 8601. */
  readonly changed: string;
}

/** A source slice with all that its file says. */
interface OpenSlice {
  readonly slice: SegSlice;
  readonly frame: Required<Pick<DicomFrame, 'position' | 'columns' | 'rows' | 'rowStep' | 'columnStep'>>;
  readonly dataset: DicomDataset;
}

/** Bytes of a segmentation. Equal masks of equal sources give equal bytes, identifiers included. */
export async function segBytes(project: Project, volume: ProjectVolume, content: SegContent): Promise<Uint8Array> {
  const slices: SegSlice[] = [];
  let first: OpenSlice | undefined;
  for (const part of volume.parts ?? []) {
    const opened = await openSlice(await locateSource(project.directory, part.source), part.frame);
    first ??= opened;
    slices.push(opened.slice);
  }
  if (!first) throw new Error(`${volume.id}: expected slices that came from DICOM, got none`);
  const { program, version } = programVersion();
  const unique = uniqueIds(slices, content, version);
  const { columns, rows, rowStep, columnStep } = first.frame;
  return writeDicom(
    segmentationElements({
      kind: content.kind,
      context: contextOf(first.dataset, content.identity),
      width: volume.width,
      height: volume.height,
      columns,
      rows,
      rowStep,
      columnStep,
      sliceStep: volume.spacing?.z ?? 1,
      slices,
      segments: content.segments,
      frames: content.frames,
      sopInstance: unique('instance'),
      series: unique('series'),
      dimensions: unique('dimensions'),
      description: content.description,
      algorithmName: `${program} ${version} ${content.run ?? ''}`.trim(),
      software: version,
      date: content.changed.slice(0, 10).replaceAll('-', ''),
      time: content.changed.slice(11, 19).replaceAll(':', ''),
    }),
  );
}

/** When a person last decided anything, or the run was made. */
export function changedAt(project: Project, run: string | null): string {
  const made = project.runs().find(({ id }) => id === run)?.created ?? '';
  const row = project.database.prepare('SELECT max(at) AS at FROM audit').get();
  const decided = typeof row?.['at'] === 'string' ? row['at'] : '';
  return made > decided ? made : decided;
}

async function openSlice(path: string, index: number): Promise<OpenSlice> {
  const file = accept(path, await openDicomFile(path));
  const header = accept(path, file.header);
  const frame = header.frames[index];
  const { position, columns, rows, rowStep, columnStep } = frame ?? {};
  if (!position || !columns || !rows || rowStep === undefined || columnStep === undefined) {
    throw new Error(`${path}: expected position, orientation and pixel spacing, found a file that lacks them`);
  }
  return {
    slice: {
      sopClass: header.sopClass,
      sopInstance: header.sopInstance,
      series: header.series,
      frame: header.pixels.frames > 1 ? index : undefined,
      position,
    },
    frame: { position, columns, rows, rowStep, columnStep },
    dataset: file.dataset,
  };
}

function accept<Value>(path: string, reading: Value | Refusal): Value {
  if (isRefusal(reading)) throw new Error(`${path}: expected ${reading.expected}, found ${reading.found}`);
  return reading;
}

function contextOf(dataset: DicomDataset, identity: boolean): SegContext {
  const personal = (tag: string): string => (identity ? textOf(dataset, tag) : '');
  return {
    study: textOf(dataset, '0020000D'),
    studyId: personal('00200010'),
    studyDate: personal('00080020'),
    studyTime: personal('00080030'),
    accession: personal('00080050'),
    frameOfReference: textOf(dataset, '00200052'),
    patient: {
      name: personal('00100010'),
      id: personal('00100020'),
      birthDate: personal('00100030'),
      sex: personal('00100040'),
    },
  };
}

/** Identifiers that the content decides. */
function uniqueIds(
  slices: readonly SegSlice[],
  { kind, frames, segments, changed, identity }: SegContent,
  version: string,
): (of: string) => string {
  const hash = createHash('sha256').update(JSON.stringify([version, kind, changed, identity, segments, slices]));
  for (const { segment, slice, data } of frames) hash.update(`${segment} ${slice}`).update(data);
  const content = hash.digest('hex');
  return (of) => {
    const bytes = createHash('sha256').update(`${of} ${content}`).digest().subarray(0, 16);
    // A UUID of version 8, as an integer: PS3.5 B.2.
    bytes[6] = (bytes[6]! & 0x0f) | 0x80;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    return `2.25.${BigInt(`0x${bytes.toString('hex')}`)}`;
  };
}
