import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The file in a project folder that the operating system opens the program with. */
export const PROJECT_FILE = 'project.unia';

const CONTENT = `UniA Studio project. Open this file, or the folder it is in, with UniA Studio.\n`;

/** Writes the file that stands for a project in a file manager. */
export function writeProjectFile(directory: string): void {
  writeFileSync(join(directory, PROJECT_FILE), CONTENT);
}
