// The program's own folder: settings and recent projects, as JSON files that are replaced whole.
import { mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { z } from 'zod';

/** Where settings are kept unless the host says otherwise; `UNIA_HOME` overrides it. */
export function defaultHome(): string {
  const stated = process.env['UNIA_HOME'];
  if (stated) return stated;
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'UniA Studio');
  if (process.platform === 'win32') return join(process.env['APPDATA'] ?? homedir(), 'UniA Studio');
  return join(process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'unia-studio');
}

/** Files of the program's folder. */
export class Home {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** A file's content; the schema's defaults where there is none or it is damaged: preferences never stop the program. */
  read<Schema extends z.ZodType>(file: string, schema: Schema, otherwise: z.output<Schema>): z.output<Schema> {
    try {
      const parsed = schema.safeParse(JSON.parse(readFileSync(join(this.directory, file), 'utf8')));
      return parsed.success ? parsed.data : otherwise;
    } catch {
      return otherwise;
    }
  }

  write(file: string, value: unknown): void {
    mkdirSync(this.directory, { recursive: true });
    writeFileAtomic.sync(join(this.directory, file), `${JSON.stringify(value, undefined, 2)}\n`);
  }
}
