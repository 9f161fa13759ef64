// "Try it with a sample": the synthetic phantom, drawn and imported where new projects go.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { JobFacts } from '../../../src-core/contract/job.ts';
import { holdsProject } from '../../storage/database.ts';
import { DEMO_IMPORT, DEMO_SIZE, demoRecipe, PHANTOM } from '../demo.ts';
import { importDataset } from '../import.ts';
import { writePhantomDataset } from '../phantom-dataset.ts';
import { Project } from '../project.ts';
import type { JobContext } from './jobs.ts';
import type { Studio } from './studio.ts';

/** Setting with a recipe that suits a project better than the presets. */
export const SUGGESTED_RECIPE = 'suggested-recipe';

const FOLDER = 'Sample heart (synthetic)';
/** As many hearts as the demo has: with eight of them, their tags are too few for the recipe to find the ventricle. */
const SIZE = DEMO_SIZE;

/** Makes the sample project, or takes the one that was made before, and opens it. */
export function startSample(studio: Studio): JobFacts {
  const directory = join(studio.facts.projectsFolder, FOLDER);
  return studio.jobs.start({ kind: 'import', title: FOLDER, unit: 'patients' }, async (context) => {
    if (!holdsProject(directory)) await makeSample(directory, context);
    context.signal.throwIfAborted();
    studio.openProject(directory);
    return directory;
  });
}

async function makeSample(directory: string, { signal, progress }: JobContext): Promise<void> {
  const source = `${directory} images`;
  // Left by a sample that was cancelled; everything in it was drawn here.
  rmSync(source, { recursive: true, force: true });
  const total = 2 * SIZE.patients;
  await writePhantomDataset({
    folder: source,
    ...{ patients: SIZE.patients, slices: SIZE.slices, ...PHANTOM },
    onPatient: (done) => {
      signal.throwIfAborted();
      progress(done, total);
    },
  });
  const options = { ...DEMO_IMPORT, allFrames: true };
  await importDataset(source, directory, options, ({ done }) => progress(SIZE.patients + done, total), signal);
  const project = Project.open(directory);
  try {
    project.setSetting(SUGGESTED_RECIPE, demoRecipe(SIZE));
  } finally {
    project.close();
  }
}
