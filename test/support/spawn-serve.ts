// The real `unia serve` in a process of its own.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const SERVE_ENTRY = fileURLToPath(new URL('../../src-main/cli/unia.ts', import.meta.url));

export interface ServeProcess {
  readonly address: string;
  readonly pid: number;
  /** Ends it as the system does where memory runs out: nothing of it runs any more. */
  kill(): Promise<void>;
  /** Ends it as a person does. */
  end(): Promise<void>;
}

/** Starts the server with a person's home folder of its own and waits for its address. */
export async function spawnServe(home: string, args: readonly string[] = []): Promise<ServeProcess> {
  const child = spawn(process.execPath, [SERVE_ENTRY, 'serve', '--port', '0', '--home', home, '--json', ...args], {
    env: { ...process.env, HOME: home, USERPROFILE: home, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const answer: unknown = JSON.parse(await printed(child));
  if (typeof answer !== 'object' || answer === null || !('address' in answer)) throw new Error('serve: no address');
  return {
    address: String(answer.address),
    pid: child.pid!,
    kill: () => end(child, 'SIGKILL'),
    end: () => end(child, 'SIGTERM'),
  };
}

/** What is printed until the first object is whole. */
async function printed(child: ChildProcess): Promise<string> {
  let text = '';
  for await (const line of createInterface({ input: child.stdout! })) {
    text += line;
    if (line.trimEnd().endsWith('}')) return text;
  }
  throw new Error(`serve: expected an address, got "${text}"`);
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}
