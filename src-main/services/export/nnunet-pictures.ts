// Single pictures as nnU-Net's cases: PNG, grey or RGB in one file, labels as grey PNG (a palette would be read as colours).
import type { Project } from '../project.ts';
import { UnfitError } from './format.ts';
import type { MaskExport } from './mask-export.ts';
import type { PlannedCases } from './nnunet.ts';
import { encodePng, planPictures } from './pictures.ts';

const RGB = { '0': 'R', '1': 'G', '2': 'B' };

/** One case a picture. */
export async function pictureCases(project: Project, masks: MaskExport, channel: string): Promise<PlannedCases> {
  const pictures = await planPictures(project, masks.items, { only: '.png' });
  const channels = new Set(pictures.map((picture) => picture.channels));
  if (channels.size > 1) {
    throw new UnfitError('nnU-Net: expected pictures of one kind, got grey and coloured ones; export them apart');
  }
  return {
    cases: masks.items.map((item, index) => ({
      name: item.name,
      patient: item.volume.patient,
      split: item.item.split,
      facts: { item: item.item.id, mask: item.source, provenance: item.provenance },
      isPartial: false,
      image: pictures[index]!.produce,
      label(table) {
        const { width, height, data } = masks.mask(item);
        return encodePng(
          data.map((id) => table[id]!),
          { width, height, channels: 1 },
        );
      },
    })),
    fileEnding: '.png',
    channelNames: channels.has(3) ? RGB : { '0': channel },
    notes: [],
    checks: [],
  };
}
