// NIfTI label maps over volumes: one file for each volume, `<volume>_seg.nii.gz`, with the header of a NIfTI source byte
// for byte but for the fields that say what the voxels are, and its storage order. A frame of a 4-D source is a 3-D file of
// its own, or all of them are one 4-D file. Uncertainty goes beside it as `<volume>_uncertainty.nii.gz`, float32.
import { counted } from '../../../src-core/datasets/counted.ts';
import { phaseBytes } from '../../../src-core/imaging/volume-header.ts';
import { writeLabelSeries, writeLabelVolume, writeValueVolume } from '../../../src-core/imaging/nifti-writer.ts';
import { IGNORE } from '../../../src-core/imaging/plane.ts';
import { withoutExtension } from '../../../src-core/datasets/file-names.ts';
import type { ExportSettings } from '../../../src-core/datasets/formats/export-formats.ts';
import type { Project } from '../project.ts';
import { jsonFile, safePath } from './file-content.ts';
import { UnfitError, type ExportFormat, type ExportPlan, type ExportRequest, type PlannedFile } from './format.ts';
import { uniqueNames } from './item-names.ts';
import { describeLabelIds, labelIdsOf, labelNames, type LabelIds } from './label-ids.ts';
import { countSources, selectMasks, type MaskSelection, type SelectedVolume } from './mask-selection.ts';
import { compress, isVolume, labelVolume, uncertaintyVolume, volumeHeader } from './volume-maps.ts';

/** NIfTI label maps and uncertainty. */
export const niftiFormat: ExportFormat<'nifti'> = { name: 'nifti', plan };

async function plan(project: Project, request: ExportRequest, settings: ExportSettings<'nifti'>): Promise<ExportPlan> {
  const selection = selectMasks(project, request);
  const labelIds = labelIdsOf(project, request.labels);
  const volumes = selection.volumes.filter(({ volume }) => isVolume(volume));
  const others = selection.volumes.length - volumes.length;
  if (volumes.length === 0) {
    throw new UnfitError(
      'NIfTI label maps are of volumes, and these images are single pictures; choose Indexed PNG instead',
    );
  }
  const files =
    settings.phases === 'together'
      ? await seriesFiles(project, selection, volumes, labelIds)
      : volumes.map((selected) => labelFile(project, selection, selected, labelIds));
  const maps = settings.uncertainty ? volumes.flatMap((selected) => uncertaintyFile(project, selection, selected)) : [];
  const partial = volumes.filter(({ volume, items }) => items.length < volume.slices).length;
  const names = labelNames(project.classes, labelIds);
  return {
    run: selection.run,
    files: [...files, ...maps, jsonFile('labels.json', names)],
    facts: { labels: names, labelIdsFrom: labelIds.origin },
    notes: [
      describeLabelIds(project.classes, labelIds),
      ...selection.notes,
      ...(others > 0 ? [`Left out: ${counted(others, 'image')} of no volume; Indexed PNG holds them.`] : []),
      ...(partial > 0
        ? [`Volumes that lack slices: ${partial}; those slices are 255 (not decided), their uncertainty NaN.`]
        : []),
      ...(settings.uncertainty && maps.length < volumes.length
        ? [`${counted(volumes.length - maps.length, 'volume', 'has')} no uncertainty.`]
        : []),
    ],
  };
}

function labelFile(
  project: Project,
  selection: MaskSelection,
  selected: SelectedVolume,
  labelIds: LabelIds,
): PlannedFile {
  const { volume, items } = selected;
  return {
    path: `${safePath(volume.id)}_seg.nii.gz`,
    facts: { volume: volume.id, frame: volume.frame, phase: volume.phase, masks: countSources(items) },
    async produce() {
      const { header, headerBytes } = await volumeHeader(project, volume);
      return compress(writeLabelVolume(header, headerBytes, labelVolume(selection, selected, labelIds)));
    },
  };
}

/** One file a source; of a 4-D source all phases, 255 in those that are not exported. */
async function seriesFiles(
  project: Project,
  selection: MaskSelection,
  volumes: readonly SelectedVolume[],
  labelIds: LabelIds,
): Promise<PlannedFile[]> {
  const groups = [...Map.groupBy(volumes, ({ volume }) => volume.source.relativePath).values()];
  const files: { stem: string; file: Omit<PlannedFile, 'path'> }[] = [];
  for (const group of groups) {
    const first = group[0]!;
    const { phases } = (await volumeHeader(project, first.volume)).header;
    if (phases === 1) {
      for (const selected of group) {
        const file = labelFile(project, selection, selected, labelIds);
        files.push({ stem: safePath(selected.volume.id), file });
      }
      continue;
    }
    const base = first.volume.source.relativePath.split(/[\\/]/).at(-1)!;
    files.push({ stem: safePath(withoutExtension(base)), file: seriesFile(project, selection, group, labelIds) });
  }
  const names = uniqueNames(files.map(({ stem }) => stem));
  return files.map(({ file }, index) => ({ ...file, path: `${names[index]!}_seg.nii.gz` }));
}

function seriesFile(
  project: Project,
  selection: MaskSelection,
  group: readonly SelectedVolume[],
  labelIds: LabelIds,
): Omit<PlannedFile, 'path'> {
  const masks = countSources(group.flatMap(({ items }) => items));
  return {
    facts: { volumes: group.map(({ volume }) => volume.id), masks },
    async produce() {
      const { header, headerBytes } = await volumeHeader(project, group[0]!.volume);
      const voxels = phaseBytes(header) / header.bytesPerVoxel;
      const labels = new Uint8Array(voxels * header.phases).fill(IGNORE);
      for (const selected of group) {
        labels.set(labelVolume(selection, selected, labelIds), selected.volume.phaseIndex * voxels);
      }
      return compress(writeLabelSeries(header, headerBytes, labels));
    },
  };
}

/** None where no slice has an uncertainty. */
function uncertaintyFile(project: Project, selection: MaskSelection, selected: SelectedVolume): PlannedFile[] {
  const { volume, items } = selected;
  if (!items.some(({ item }) => selection.hasUncertainty(item.id))) return [];
  return [
    {
      path: `${safePath(volume.id)}_uncertainty.nii.gz`,
      facts: { volume: volume.id, frame: volume.frame, phase: volume.phase, content: 'uncertainty 0..1' },
      async produce() {
        const { header, headerBytes } = await volumeHeader(project, volume);
        return compress(writeValueVolume(header, headerBytes, uncertaintyVolume(selection, selected)));
      },
    },
  ];
}
