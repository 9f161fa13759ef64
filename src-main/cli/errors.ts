import { inspect } from 'node:util';
import { CommanderError } from 'commander';
import pc from 'picocolors';
import { errorText } from '../services/error-text.ts';
import { adviceFor } from './advice.ts';

const FAILURE = 1;
const MISUSE = 2;

/** The command line itself is wrong: an option, its value, or a combination of them. Ends with exit code 2. */
export class MisuseError extends Error {
  override readonly name = 'MisuseError';
}

/** How the process ends after an error: what goes to standard error, and the exit code. */
export interface Ending {
  readonly text: string;
  readonly exitCode: number;
}

/**
 * One clear paragraph for an error, its causes in a row, what helps against it, and the exit code: 2 for misuse, 1 for failure.
 *
 * @param debug - adds the stack, for whoever looks for the place in the code
 */
export function endingOf(error: unknown, debug: boolean): Ending {
  if (error instanceof CommanderError) {
    // Commander has printed its own message; help and version are not errors.
    return { text: '', exitCode: error.exitCode === 0 ? 0 : MISUSE };
  }
  const exitCode = error instanceof MisuseError ? MISUSE : FAILURE;
  const advice = exitCode === MISUSE ? '\nSee "unia --help", or "unia COMMAND --help" for examples.' : '';
  const help = adviceFor(error);
  const detail = debug ? `\n${inspect(error)}` : '';
  return {
    text: `${pc.red('error:')} ${errorText(error)}${help === undefined ? '' : `\n${help}`}${advice}${detail}\n`,
    exitCode,
  };
}
