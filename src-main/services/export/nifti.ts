// NIfTI label maps over NIfTI sources: one file for each volume, `<volume>_seg.nii.gz`, with the source's header byte for
// byte but for the fields that say what the voxels are, and its storage order. A frame of a 4-D source is a 3-D file of
// its own. Uncertainty goes beside it as `<volume>_uncertainty.nii.gz`, float32.
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { NiftiHeader } from '../../../src-core/imaging/nifti.ts';
import { writeLabelVolume, writeValueVolume } from '../../../src-core/imaging/nifti-writer.ts';
import { IGNORE } from '../../../src-core/imaging/plane.ts';
import { isRefusal } from '../../../src-core/imaging/refusal.ts';
import { openNiftiFile, readNiftiHeaderBytes } from '../nifti-file.ts';
import type { ExportSettings } from '../../../src-core/datasets/formats/export-formats.ts';
import type { Project, ProjectVolume } from '../project.ts';
import { locateSource } from '../source-files.ts';
import { safePath, jsonFile } from './file-content.ts';
import type { ExportFormat, ExportPlan, ExportRequest, PlannedFile } from './format.ts';
import { describeLabelIds, labelIdsOf, labelNames, translateLabels, type LabelIds } from './label-ids.ts';
import { countSources, selectMasks, type MaskSelection, type SelectedVolume } from './mask-selection.ts';

/** NIfTI label maps and uncertainty. */
export const niftiFormat: ExportFormat<'nifti'> = { name: 'nifti', plan };

function plan(project: Project, request: ExportRequest, settings: ExportSettings<'nifti'>): Promise<ExportPlan> {
  const selection = selectMasks(project, request);
  const labelIds = labelIdsOf(project, request.labels);
  const volumes = selection.volumes.filter(({ volume }) => volume.source.kind === 'nifti');
  const others = selection.volumes.length - volumes.length;
  if (volumes.length === 0) {
    throw new Error('format nifti: the images are no NIfTI files, so there is no geometry to keep; use --format png');
  }
  const files = volumes.map((selected) => labelFile(project, selection, selected, labelIds));
  const maps = settings.uncertainty ? volumes.flatMap((selected) => uncertaintyFile(project, selection, selected)) : [];
  const partial = volumes.filter(({ volume, items }) => items.length < volume.slices).length;
  const names = labelNames(project.classes, labelIds);
  return Promise.resolve({
    run: selection.run,
    files: [...files, ...maps, jsonFile('labels.json', names)],
    facts: { labels: names, labelIdsFrom: labelIds.origin },
    notes: [
      describeLabelIds(project.classes, labelIds),
      ...selection.notes,
      ...(others > 0 ? [`Left out: ${others} images that are no NIfTI files; --format png exports them.`] : []),
      ...(partial > 0 ? [`${partial} volumes lack slices; those are 255 (not decided), their uncertainty NaN.`] : []),
      ...(settings.uncertainty && maps.length < volumes.length
        ? [`${volumes.length - maps.length} volumes have no uncertainty.`]
        : []),
    ],
  });
}

function labelFile(
  project: Project,
  selection: MaskSelection,
  { volume, items }: SelectedVolume,
  labelIds: LabelIds,
): PlannedFile {
  return {
    path: `${safePath(volume.id)}_seg.nii.gz`,
    facts: { volume: volume.id, frame: volume.frame, phase: volume.phase, masks: countSources(items) },
    async produce() {
      const { header, bytes } = await readSourceHeader(project, volume);
      const size = volume.width * volume.height;
      const labels = new Uint8Array(size * volume.slices).fill(IGNORE);
      for (const selected of items) {
        labels.set(translateLabels(selection.mask(selected), labelIds), selected.item.slice * size);
      }
      return compress(writeLabelVolume(header, bytes, labels));
    },
  };
}

/** None where no slice has an uncertainty. */
function uncertaintyFile(project: Project, selection: MaskSelection, { volume, items }: SelectedVolume): PlannedFile[] {
  if (!items.some(({ item }) => selection.hasUncertainty(item.id))) return [];
  return [
    {
      path: `${safePath(volume.id)}_uncertainty.nii.gz`,
      facts: { volume: volume.id, frame: volume.frame, phase: volume.phase, content: 'uncertainty 0..1' },
      async produce() {
        const { header, bytes } = await readSourceHeader(project, volume);
        const size = volume.width * volume.height;
        const values = new Float32Array(size * volume.slices).fill(NaN);
        for (const { item } of items) {
          const map = selection.uncertainty(item.id);
          if (map) values.set(map.data, item.slice * size);
        }
        return compress(writeValueVolume(header, bytes, values));
      },
    },
  ];
}

async function readSourceHeader(
  project: Project,
  volume: ProjectVolume,
): Promise<{ header: NiftiHeader; bytes: Uint8Array }> {
  const path = await locateSource(project.directory, volume.source);
  const file = await openNiftiFile(path);
  if (isRefusal(file)) throw new Error(`${path}: expected ${file.expected}, found ${file.found}`);
  return { header: file.header, bytes: await readNiftiHeaderBytes(path, file.header) };
}

const gzipped = promisify(gzip);
/** Byte of a gzip header that names the operating system; 255 is "unknown". */
const OPERATING_SYSTEM = 9;

/** Node's gzip leaves the time of its header 0; the system is blanked too, so that equal maps give equal files. */
async function compress(bytes: Uint8Array): Promise<Uint8Array> {
  const file = await gzipped(bytes, { level: 6 });
  file[OPERATING_SYSTEM] = 255;
  return file;
}
