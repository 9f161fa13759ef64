import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { prepareLabels, sampleChannels, shownArea } from '../../src-core/training/prepare.ts';
import type { TrainingEvent } from '../../src-core/training/train.ts';
import { shownLabels } from '../../src-core/training/validation.ts';
import { readRecipe } from './train.ts';
import { openImageData } from './image-data.ts';
import { writeMontage } from './montage.ts';
import type { Project } from './project.ts';

/** A picture of the validation samples as the run sees them now: `runs/<id>/previews/<stage>-<iteration>.png`. */
export async function writePreview(
  project: Project,
  run: string,
  { stage, iteration, samples }: Extract<TrainingEvent, { kind: 'evaluated' }>,
): Promise<void> {
  const config = readRecipe(project, run);
  const data = openImageData(project);
  const { side } = config.data;
  const rows = await Promise.all(
    samples.map(async ({ item, prediction }) => {
      const plane = await data.image(item);
      const truth = await data.truth(item);
      const pixels = sampleChannels(plane, shownArea(plane, config.data), side).subarray(0, side * side);
      return {
        title: item,
        image: { width: side, height: side, channels: 1 as const, data: pixels },
        ...(truth && { truth: { width: side, height: side, data: prepareLabels(truth, config.data) } }),
        cam: prediction.cam.subarray(0, side * side),
        mask: { width: side, height: side, data: shownLabels(prediction, config) },
        uncertainty: prediction.uncertainty,
      };
    }),
  );
  const folder = join(project.runDirectory(run), 'previews');
  mkdirSync(folder, { recursive: true });
  await writeMontage(join(folder, `${stage}-${String(iteration).padStart(6, '0')}.png`), rows, project.classes);
}
