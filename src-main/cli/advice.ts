// What helps against an error, as options of the command line.
import { AdvisedError, type Advice } from '../services/advised-error.ts';
import { UnknownFormatError } from '../services/importers.ts';
import { OutOfMemoryError } from '../services/memory-advice.ts';
import { ProjectError } from '../storage/project-error.ts';

/** What is said where links were not followed. */
export const FOLLOW_LINKS = 'Links that lead out are followed with: --follow-links';

/** A line for an error or one of its causes; undefined where there is nothing to add. */
export function adviceFor(error: unknown): string | undefined {
  for (let next: unknown = error; next instanceof Error; next = next.cause) {
    const line = lineFor(next);
    if (line !== undefined) return line;
  }
  return undefined;
}

function lineFor(error: Error): string | undefined {
  if (error instanceof AdvisedError) return wordsOf(error.advice);
  if (error instanceof UnknownFormatError && error.link !== undefined) return FOLLOW_LINKS;
  if (error instanceof ProjectError && error.problem === 'not-a-project') {
    return 'Make one with: unia import SOURCE --project DIR';
  }
  if (error instanceof OutOfMemoryError) {
    const options = Object.entries(error.settings).map(([name, value]) => `--set ${name}=${value}`);
    return options.length > 0 ? `Try with: ${options.join(' ')}` : undefined;
  }
  return undefined;
}

function wordsOf(advice: Advice): string {
  switch (advice.kind) {
    case 'train':
      return `Train with: unia train --project ${advice.project}`;
    case 'predict': {
      const run = advice.run === undefined ? '' : ` --run ${advice.run}`;
      return `Predict with: unia predict --project ${advice.project}${run}`;
    }
    case 'resume':
      return `Train it on with: unia train --project ${advice.project} --resume ${advice.run}`;
    case 'other-folder':
      return 'Choose another folder with: --out DIR';
    case 'again':
      return 'Make it anew with --again, or choose another folder with --out DIR';
  }
}
