// Libraries of other programs, where UNIA_PYTHON names a Python that has them.
import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const python = process.env['UNIA_PYTHON'];

/** Why a library cannot be asked here, which is printed; undefined where it can. */
export function noPython(library: string): string | undefined {
  const reason = missing(library);
  if (reason !== undefined) console.warn(`skipped: what ${library} reads: ${reason}`);
  return reason;
}

function missing(library: string): string | undefined {
  if (python === undefined) return 'UNIA_PYTHON is not set';
  try {
    execFileSync(python, ['-c', `import ${library}`], { stdio: 'pipe' });
    return undefined;
  } catch {
    return `${python} has no ${library}`;
  }
}

/** What a script of test/support/python prints of some files. */
export async function askPython<Found>(script: string, paths: readonly string[]): Promise<Found> {
  const file = join(import.meta.dirname, 'python', `${script}.py`);
  const { stdout } = await promisify(execFile)(python!, [file, ...paths], { maxBuffer: 2 ** 28 });
  return JSON.parse(stdout) as Found;
}
