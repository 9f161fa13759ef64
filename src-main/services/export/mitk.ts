// MITK: tasks.json (open it in the Workbench or FlowBench), images, the masks to begin from, and label names with colours. MITK reads
// a label's name and colour from the suggestions; the ids are in labels.json.
import { taskList } from '../../../src-core/datasets/codecs/mitk.ts';
import { writeLabelVolume } from '../../../src-core/imaging/nifti-writer.ts';
import type { ExportSettings } from '../../../src-core/datasets/formats/export-formats.ts';
import type { Project } from '../project.ts';
import { classHexColours } from './class-colours.ts';
import { jsonFile } from './file-content.ts';
import { UnfitError, type ExportFormat, type ExportPlan, type ExportRequest, type PlannedFile } from './format.ts';
import { plainName, uniqueNames } from './item-names.ts';
import { labelIdsOf, labelNames, type LabelIds } from './label-ids.ts';
import { countMasks, describeCounts, maskFacts, prepareMasks, type MaskExport } from './mask-export.ts';
import { countSources, type SelectedVolume } from './mask-selection.ts';
import { compress, isVolume, labelVolume, phaseFile, volumeHeader } from './volume-maps.ts';

/** A task for every volume. */
export const mitkFormat: ExportFormat<'mitk'> = { name: 'mitk', plan };

const SUGGESTIONS = 'label_suggestions.json';

// eslint-disable-next-line @typescript-eslint/require-await -- throws must become rejections
async function plan(project: Project, request: ExportRequest, settings: ExportSettings<'mitk'>): Promise<ExportPlan> {
  const labelIds = labelIdsOf(project, request.labels);
  const masks = prepareMasks(project, request, labelIds);
  const volumes = masks.selection.volumes.filter(({ volume }) => isVolume(volume));
  if (volumes.length === 0)
    throw new UnfitError(
      'MITK task lists are of volumes, and these images are single pictures; choose Indexed PNG instead',
    );
  const counts = countMasks(masks);
  const names = uniqueNames(volumes.map(({ volume }) => plainName(volume.id)));
  const tasks = volumes.map(({ items }, index) => ({
    Name: names[index]!,
    Description: Object.entries(countSources(items))
      .map(([source, count]) => `${count} slices ${source}`)
      .join(', '),
    Image: `images/${names[index]!}.nii.gz`,
    Segmentation: `segmentations/${names[index]!}.nii.gz`,
    Result: `results/${names[index]!}.nrrd`,
  }));
  const colours = classHexColours(project, masks.classes).map(({ name, colour }) => ({ name, color: colour }));
  return {
    run: masks.run,
    files: [
      ...volumes.flatMap((selected, index) => volumeFiles(project, masks, selected, names[index]!, labelIds)),
      jsonFile('tasks.json', taskList(settings.name, SUGGESTIONS, tasks)),
      jsonFile(SUGGESTIONS, colours),
      jsonFile('labels.json', labelNames(project.classes, labelIds)),
    ],
    facts: maskFacts(masks, counts),
    notes: [...masks.notes, ...describeCounts(counts), 'In MITK: open tasks.json; results go to results/.'],
  };
}

function volumeFiles(
  project: Project,
  { selection }: MaskExport,
  selected: SelectedVolume,
  name: string,
  labelIds: LabelIds,
): PlannedFile[] {
  const { volume, items } = selected;
  const facts = { volume: volume.id, frame: volume.frame, phase: volume.phase, masks: countSources(items) };
  return [
    { path: `images/${name}.nii.gz`, facts, produce: () => phaseFile(project, volume) },
    {
      path: `segmentations/${name}.nii.gz`,
      facts,
      async produce() {
        const { header, headerBytes } = await volumeHeader(project, volume);
        return compress(writeLabelVolume(header, headerBytes, labelVolume(selection, selected, labelIds)));
      },
    },
  ];
}
