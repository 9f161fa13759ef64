import { inspect } from 'node:util';
import { startEngine } from '../engines/catalogue.ts';
import type { ExecutionProvider } from '../engines/device.ts';
import { placementOf } from '../engines/placement.ts';
import { measuredStep, wholeStep } from '../engines/trial-step.ts';
import type { TaskContext } from './perform.ts';
import type { ParamsOfTask } from './tasks.ts';

/** Steps measured; the quickest counts, since other work on the machine can only slow a step down. */
const REPETITIONS = 3;
/** No repetition begins after this. */
const ENOUGH_MS = 4000;

/** Starts the engine, measures a step on it and, where asked, looks where a GPU provider runs the operators. */
export async function performProbe(
  params: ParamsOfTask<'probe'>,
  { tell }: Pick<TaskContext<'probe'>, 'tell'>,
): Promise<null> {
  try {
    await probe(params, tell);
    return null;
  } catch (error) {
    throw new Error(firstLines(error));
  }
}

async function probe(
  { engine: name, placement }: ParamsOfTask<'probe'>,
  tell: TaskContext<'probe'>['tell'],
): Promise<void> {
  const engine = await startEngine(name);
  const step = measuredStep();
  const program = await engine.compile(step.program);
  const state = await engine.allocate(step.state);
  tell({ kind: 'started', device: engine.device });
  const begin = performance.now();
  const run = async (t: number): Promise<{ readonly milliseconds: number; readonly loss: number }> => {
    const start = performance.now();
    const { total } = await program.run(step.inputs(t), state);
    return { milliseconds: performance.now() - start, loss: total!.data[0]! };
  };
  // The first run compiles kernels; it counts only where nothing else was measured.
  const { milliseconds, loss } = await run(1);
  let best = milliseconds;
  for (let t = 2; t <= 1 + REPETITIONS && performance.now() - begin < ENOUGH_MS; t++) {
    const time = (await run(t)).milliseconds;
    best = t === 2 ? time : Math.min(best, time);
  }
  tell({ kind: 'measured', milliseconds: best, loss });
  const [family, provider] = name.split(':') as [string, ExecutionProvider];
  if (!placement || family !== 'onnxruntime' || provider === 'cpu') return;
  tell({ kind: 'placed', placement: await placementOf(wholeStep(), provider) });
}

/** What happened, without the remedy, which who asked knows, and without the paths that Node adds to a missing package. */
function firstLines(error: unknown): string {
  const said: string[] = [];
  const first = error instanceof Error && error.cause !== undefined ? error.cause : error;
  for (let next: unknown = first; next !== undefined; next = next instanceof Error ? next.cause : undefined) {
    said.push((next instanceof Error ? next.message : inspect(next)).split('\n')[0]!);
  }
  return said.join(': ');
}
