// DICOM-SEG for volumes that came from DICOM: `<volume>.dcm`, BINARY, a segment for each class; and with uncertainty
// `<volume>_uncertainty.dcm`, FRACTIONAL. Frames refer to the source images that they lie on. Nothing of the patient is written
// unless asked; the identifiers of study, series and images are, for without them no program could lay a mask over its image.
import { counted } from '../../../src-core/datasets/counted.ts';
import type { SegFrame } from '../../../src-core/datasets/codecs/dicom-seg-write.ts';
import {
  ANATOMICAL_STRUCTURE,
  conceptOf,
  privateConcept,
  SPATIAL_CONCEPT,
} from '../../../src-core/datasets/codecs/seg-concepts.ts';
import type { ExportSettings } from '../../../src-core/datasets/formats/export-formats.ts';
import { classColours } from '../../../src-core/review/colours.ts';
import type { Project } from '../project.ts';
import { changedAt, segBytes, type SegContent } from './dicom-seg-file.ts';
import { safePath } from './file-content.ts';
import { UnfitError, type ExportFormat, type ExportPlan, type ExportRequest, type PlannedFile } from './format.ts';
import { labelIdsOf } from './label-ids.ts';
import {
  countMasks,
  describeCounts,
  ignoredLoss,
  maskFacts,
  prepareMasks,
  type ExportItem,
  type MaskExport,
} from './mask-export.ts';

/** Segmentations over DICOM sources. */
export const dicomSegFormat: ExportFormat<'dicom-seg'> = { name: 'dicom-seg', plan };

const GREATEST = 255;

// eslint-disable-next-line @typescript-eslint/require-await -- throws must become rejections
async function plan(
  project: Project,
  request: ExportRequest,
  settings: ExportSettings<'dicom-seg'>,
): Promise<ExportPlan> {
  const masks = prepareMasks(project, request, labelIdsOf(project, request.labels));
  const fromDicom = masks.items.filter(({ volume }) => volume.parts && volume.source.kind === 'dicom');
  if (fromDicom.length === 0) {
    throw new UnfitError(
      'DICOM-SEG refers to DICOM images, and none of these images came from DICOM; choose NIfTI label maps instead',
    );
  }
  const others = masks.items.length - fromDicom.length;
  const shown = new Map<string, Set<number>>();
  const chosen = { ...masks, items: fromDicom };
  const counts = countMasks(chosen, ({ volume }, mask) => {
    const ids = shown.get(volume.id) ?? new Set();
    for (const id of new Set(mask.data)) ids.add(id);
    shown.set(volume.id, ids);
  });
  const volumes = [...Map.groupBy(fromDicom, ({ volume }) => volume.id).values()];
  const filled = volumes.filter(([first]) => masks.classes.some(({ id }) => shown.get(first!.volume.id)!.has(id)));
  const unknown = masks.classes.filter(({ name }) => !conceptOf(name).isKnown).map(({ name }) => name);
  return {
    run: masks.run,
    files: [
      ...filled.map((items) => maskFile(project, masks, items, settings)),
      ...(settings.uncertainty ? volumes.flatMap((items) => uncertaintyFile(project, masks, items, settings)) : []),
    ],
    facts: maskFacts(chosen, counts),
    notes: [
      ...masks.notes,
      ...describeCounts(counts),
      ...(others > 0 ? [`Left out: ${counted(others, 'image')} that did not come from DICOM.`] : []),
      ...(filled.length < volumes.length
        ? [
            `Left out: ${counted(volumes.length - filled.length, 'volume')} without any class; a segmentation needs a frame.`,
          ]
        : []),
      settings.identity
        ? 'The patient’s name and number are in the files.'
        : 'The patient’s name and number are left empty; identifiers of study, series and images are kept.',
    ],
    losses: ignoredLoss(counts),
    checks:
      unknown.length > 0
        ? [
            {
              level: 'warning',
              text: `No SNOMED code is known here for ${unknown.join(', ')}; a private code is written.`,
            },
          ]
        : [],
  };
}

function maskFile(
  project: Project,
  masks: MaskExport,
  items: readonly ExportItem[],
  settings: ExportSettings<'dicom-seg'>,
): PlannedFile {
  const { volume } = items[0]!;
  return {
    path: `${safePath(volume.id)}.dcm`,
    facts: { volume: volume.id, frame: volume.frame, phase: volume.phase },
    produce: () =>
      segBytes(project, volume, { ...maskContent(project, masks, items), ...common(project, masks, settings) }),
  };
}

function maskContent(
  project: Project,
  masks: MaskExport,
  items: readonly ExportItem[],
): Pick<SegContent, 'kind' | 'description' | 'segments' | 'frames'> {
  const colours = classColours(project.classes);
  const planes = items.map((item) => ({ item, data: masks.mask(item).data }));
  const present = masks.classes.filter(({ id }) => planes.some(({ data }) => data.includes(id)));
  const frames = present.flatMap(({ id }, index): SegFrame[] =>
    planes
      .filter(({ data }) => data.includes(id))
      .map(({ item, data }) => ({
        segment: index + 1,
        slice: item.item.slice,
        data: data.map((each) => (each === id ? 1 : 0)),
      })),
  );
  const made = new Set(items.map(({ provenance }) => provenance));
  const algorithm =
    made.size > 1 || made.has('semi-automatic') ? 'SEMIAUTOMATIC' : made.has('manual') ? 'MANUAL' : 'AUTOMATIC';
  return {
    kind: 'BINARY',
    description: 'UniA Studio segmentation',
    segments: present.map(({ name, label }) => ({
      label: name,
      category: ANATOMICAL_STRUCTURE,
      type: conceptOf(name).type,
      algorithm,
      colour: colours[label - 1]!,
    })),
    frames,
  };
}

/** None where no slice has an uncertainty. */
function uncertaintyFile(
  project: Project,
  masks: MaskExport,
  items: readonly ExportItem[],
  settings: ExportSettings<'dicom-seg'>,
): PlannedFile[] {
  const { volume } = items[0]!;
  const having = items.filter(({ item }) => masks.selection.hasUncertainty(item.id));
  if (having.length === 0) return [];
  const content = (): Pick<SegContent, 'kind' | 'description' | 'segments' | 'frames'> => ({
    kind: 'FRACTIONAL',
    description: 'UniA Studio uncertainty',
    segments: [
      {
        label: 'Uncertainty',
        category: SPATIAL_CONCEPT,
        type: privateConcept('Uncertainty'),
        algorithm: 'AUTOMATIC',
        colour: [255, 234, 70],
      },
    ],
    frames: having.flatMap(({ item }): SegFrame[] => {
      const map = masks.selection.uncertainty(item.id);
      if (!map) return [];
      const data = Uint8Array.from(map.data, (value) => Math.round(GREATEST * Math.min(1, Math.max(0, value))));
      return [{ segment: 1, slice: item.slice, data }];
    }),
  });
  return [
    {
      path: `${safePath(volume.id)}_uncertainty.dcm`,
      facts: { volume: volume.id, frame: volume.frame, phase: volume.phase, content: 'uncertainty, 0..255 for 0..1' },
      produce: () => segBytes(project, volume, { ...content(), ...common(project, masks, settings) }),
    },
  ];
}

function common(
  project: Project,
  { run }: MaskExport,
  { identity }: ExportSettings<'dicom-seg'>,
): Pick<SegContent, 'identity' | 'run' | 'changed'> {
  return { identity, run, changed: changedAt(project, run) };
}
