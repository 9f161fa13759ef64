// One parser in processes of its own, watched: what hangs or takes all memory is ended, noted, and the rest goes on.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Message, Order } from './messages.ts';

/** A run that takes longer hangs. */
const MOST_MS = 10_000;
const HUNG = `no answer within ${MOST_MS / 1000} s`;
/** Writing the valid files takes a project or two. */
const MOST_PREPARING_MS = 120_000;
export const MOST_BYTES = 2 ** 30;

/** A run that did not end as it should. */
export interface Failure {
  readonly run: number;
  readonly what: string;
}

/** All runs of a parser. */
export interface Row {
  readonly name: string;
  readonly runs: number;
  readonly accepted: number;
  readonly refused: number;
  readonly failures: readonly Failure[];
  readonly slowestMs: number;
  readonly peakBytes: number;
}

/** Sends a parser `runs` broken files. */
export async function watch(order: Omit<Order, 'folder'>): Promise<Row> {
  const { name, from, to } = order;
  const tally = { accepted: 0, refused: 0, failures: [] as Failure[], slowestMs: 0, peakBytes: 0 };
  let next = from;
  // On a busy machine a run may wait for its turn: only what hangs twice hangs.
  let suspect: number | undefined;
  while (next < to) {
    const folder = mkdtempSync(join(tmpdir(), 'unia fuzz '));
    try {
      const went = await watchChild({ ...order, from: next, folder }, tally);
      if (went.hung !== undefined && went.hung === suspect) tally.failures.push({ run: suspect, what: HUNG });
      next = went.hung === undefined ? went.next : went.hung === suspect ? suspect + 1 : went.hung;
      suspect = went.hung;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return { name, runs: to - from, ...tally };
}

type Tally = { accepted: number; refused: number; failures: Failure[]; slowestMs: number; peakBytes: number };

/** How far a child came: the run to go on with, or the one that did not answer. */
interface Went {
  readonly next: number;
  readonly hung?: number;
}

function watchChild(order: Order, tally: Tally): Promise<Went> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, 'child.ts'), [JSON.stringify(order)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let current: number | undefined;
    let done = order.from;
    let said = '';
    let ended: string | undefined;
    const end = (why: string): void => {
      ended ??= why;
      child.kill('SIGKILL');
    };
    let clock = setTimeout(() => end('the valid files took too long'), MOST_PREPARING_MS);
    child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
    child.on('message', (received) => {
      const message = received as Message;
      clearTimeout(clock);
      if (message.kind === 'begin') {
        current = message.run;
        clock = setTimeout(() => end(HUNG), MOST_MS);
        return;
      }
      current = undefined;
      done = message.run + 1;
      count(message, tally);
      // Peaks stay with a process: a new one shows the next.
      if (message.peakBytes > MOST_BYTES) end('');
      else clock = setTimeout(() => end('the next file was not begun'), MOST_PREPARING_MS);
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(clock);
      // A process that was ended for its peak may have begun the next file.
      if (current !== undefined && ended === '') resolve({ next: current });
      else if (current !== undefined && ended === HUNG) resolve({ next: current, hung: current });
      else if (current !== undefined) {
        tally.failures.push({
          run: current,
          what: ended ?? `the process died (${signal ?? `code ${code}`}) ${said.trim().slice(-300)}`,
        });
        resolve({ next: current + 1 });
      } else if (ended === '' || done === order.to) resolve({ next: done });
      else reject(new Error(`${order.name}: ${ended ?? `the process ended (${signal ?? code}): ${said}`}`));
    });
  });
}

function count({ run, outcome, ms, peakBytes }: Extract<Message, { kind: 'end' }>, tally: Tally): void {
  tally.slowestMs = Math.max(tally.slowestMs, ms);
  tally.peakBytes = Math.max(tally.peakBytes, peakBytes);
  if (outcome.kind === 'crashed') tally.failures.push({ run, what: outcome.error });
  else tally[outcome.kind] += 1;
  if (ms > MOST_MS) tally.failures.push({ run, what: `took ${Math.round(ms)} ms` });
  if (peakBytes > MOST_BYTES) tally.failures.push({ run, what: `took ${Math.round(peakBytes / 2 ** 20)} MB` });
}
