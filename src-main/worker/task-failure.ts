import { errorText } from '../services/error-text.ts';
import { OutOfMemoryError } from '../services/memory-advice.ts';
import { ProjectError } from '../storage/project-error.ts';
import type { TaskFailure } from './tasks.ts';

/** An error as it goes to the process that asked for the work. */
export function failureOf(error: unknown): TaskFailure {
  return {
    message: errorText(error),
    ...(error instanceof ProjectError && { problem: error.problem }),
    ...(error instanceof OutOfMemoryError && { settings: error.settings }),
  };
}
