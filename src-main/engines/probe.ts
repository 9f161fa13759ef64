// Runs in a process of its own, so that a driver that crashes takes only this process along: starts the engine named by
// the first argument, measures a step on it and, with "placement", looks where a GPU provider runs the operators.
import { inspect } from 'node:util';
import { startEngine } from './catalogue.ts';
import type { ExecutionProvider } from './device.ts';
import { placementOf, type Placement } from './placement.ts';
import { measuredStep, wholeStep } from './trial-step.ts';

/** What the process reports, in this order. */
export type ProbeMessage =
  | { readonly kind: 'started'; readonly device: string }
  | { readonly kind: 'measured'; readonly milliseconds: number }
  | { readonly kind: 'placed'; readonly placement: Placement }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'done' };

/** Steps measured; the quickest counts, since other work on the machine can only slow a step down. */
const REPETITIONS = 3;
/** No repetition begins after this. */
const ENOUGH_MS = 4000;

const [name, wanted] = process.argv.slice(2) as [string, string | undefined];
try {
  await probe();
  await send({ kind: 'done' });
} catch (error) {
  await send({ kind: 'failed', message: messagesOf(error) });
}
process.disconnect();

async function probe(): Promise<void> {
  const engine = await startEngine(name);
  const step = measuredStep();
  const program = await engine.compile(step.program);
  const state = await engine.allocate(step.state);
  await send({ kind: 'started', device: engine.device });
  const begin = performance.now();
  // The first run compiles kernels; it counts only where nothing else was measured.
  let best = await timed(() => program.run(step.inputs(1), state));
  for (let t = 2; t <= 1 + REPETITIONS && performance.now() - begin < ENOUGH_MS; t++) {
    const time = await timed(() => program.run(step.inputs(t), state));
    best = t === 2 ? time : Math.min(best, time);
  }
  await send({ kind: 'measured', milliseconds: best });
  const [family, provider] = name.split(':') as [string, ExecutionProvider];
  if (wanted !== 'placement' || family !== 'onnxruntime' || provider === 'cpu') return;
  await send({ kind: 'placed', placement: await placementOf(wholeStep(), provider) });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

function send(message: ProbeMessage): Promise<void> {
  return new Promise((resolve) => {
    process.send!(message, () => resolve());
  });
}

/** What happened, without the remedy, which who asked knows, and without the paths that Node adds to a missing package. */
function messagesOf(error: unknown): string {
  const said: string[] = [];
  const first = error instanceof Error && error.cause !== undefined ? error.cause : error;
  for (let next: unknown = first; next !== undefined; next = next instanceof Error ? next.cause : undefined) {
    said.push((next instanceof Error ? next.message : inspect(next)).split('\n')[0]!);
  }
  return said.join(': ');
}
