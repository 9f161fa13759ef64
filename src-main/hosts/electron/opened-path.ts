import { dirname, isAbsolute, resolve } from 'node:path';
import { PROJECT_FILE } from '../../storage/project-file.ts';

/**
 * The project that the operating system asks to open: a project folder, or the file in it that is associated with the
 * program. Undefined where the arguments name none.
 */
export function projectOfArguments(args: readonly string[], workingDirectory: string): string | undefined {
  const named = args.findLast((arg) => !arg.startsWith('-') && arg !== '.');
  return named === undefined ? undefined : projectOfPath(isAbsolute(named) ? named : resolve(workingDirectory, named));
}

/** The project folder of its associated file; any other path is taken as the folder itself. */
export function projectOfPath(path: string): string {
  return path.endsWith(PROJECT_FILE) ? dirname(path) : path;
}
