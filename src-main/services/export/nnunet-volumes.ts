// Volumes as nnU-Net's cases: a NIfTI image as it is stored (of a 4-D file one phase), another one as NIfTI; the labels on the same
// grid.
import { counted } from '../../../src-core/datasets/counted.ts';
import { writeLabelVolume } from '../../../src-core/imaging/nifti-writer.ts';
import type { Project } from '../project.ts';
import { plainName, uniqueNames } from './item-names.ts';
import type { MaskExport } from './mask-export.ts';
import { countSources, type SelectedVolume } from './mask-selection.ts';
import type { PlannedCase, PlannedCases } from './nnunet.ts';
import { compress, labelVolume, phaseFile, volumeHeader } from './volume-maps.ts';

/** One case a volume. */
export async function volumeCases(project: Project, masks: MaskExport, channel: string): Promise<PlannedCases> {
  const { volumes } = masks.selection;
  const names = uniqueNames(volumes.map(({ volume }) => plainName(volume.id)));
  const contradictory: string[] = [];
  for (const { volume } of volumes) {
    const { header } = await volumeHeader(project, volume);
    if (header.geometry.contradiction !== undefined) contradictory.push(volume.id);
  }
  const cases = volumes.map((selected, index) => caseOf(project, masks, selected, names[index]!));
  const partial = cases.filter(({ isPartial }) => isPartial).length;
  return {
    cases,
    fileEnding: '.nii.gz',
    channelNames: { '0': channel },
    notes: partial > 0 ? [`Volumes that lack slices: ${partial}; those slices are the ignore label.`] : [],
    checks:
      contradictory.length > 0
        ? [
            {
              level: 'warning',
              text: `${counted(contradictory.length, 'volume', 'has')} an sform and a qform that contradict each other (${contradictory[0]}); nnU-Net’s reader chooses by itself, image and labels alike.`,
            },
          ]
        : [],
  };
}

function caseOf(project: Project, masks: MaskExport, selected: SelectedVolume, name: string): PlannedCase {
  const { volume, items } = selected;
  return {
    name,
    patient: volume.patient,
    split: volume.split,
    facts: { volume: volume.id, frame: volume.frame, phase: volume.phase, masks: countSources(items) },
    isPartial: items.length < volume.slices,
    image: () => phaseFile(project, volume),
    async label(table) {
      const { header, headerBytes } = await volumeHeader(project, volume);
      const labels = labelVolume(masks.selection, selected, masks.labelIds).map((id) => table[id]!);
      return compress(writeLabelVolume(header, headerBytes, labels));
    },
  };
}
