// Values that the project keeps as JSON.
import { ProjectError } from './project-error.ts';

/** The value of a text that this program has written; where a damaged disk has changed it, an error that names its place. */
export function parseStored(text: unknown, place: string): unknown {
  try {
    return JSON.parse(String(text));
  } catch (cause) {
    throw new ProjectError('damaged', `project.db is damaged: ${place} is no intact JSON.`, { cause });
  }
}
