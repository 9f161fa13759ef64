// `--engine auto`: every engine that starts is measured on one small training step, the fastest is taken.
import type { Engine } from '../../src-core/compile/index.ts';
import { nodeWorkerHost } from '../worker/node-worker-host.ts';
import type { WorkerHost } from '../worker/port.ts';
import { runTask, WorkerDeath } from '../worker/run-task.ts';
import type { ProbeNews } from '../worker/tasks.ts';
import { engineCatalogue, startEngine, type EngineEntry } from './catalogue.ts';
import type { Placement } from './placement.ts';

/** What probing one engine found. */
export interface EngineProbe {
  readonly name: string;
  /** The device in words, where the engine started. */
  readonly device?: string;
  /** Time of one training step, where it could be measured. */
  readonly stepMilliseconds?: number;
  /** Loss of the first step on made-up images; engines that compute right agree on it. */
  readonly loss?: number;
  /** Why it is missing or has no time. */
  readonly cause?: string;
  /** What a person can do about it, where it did not start. */
  readonly remedy?: string;
  /** Where a GPU provider runs the operators of a whole training step, where that was asked for. */
  readonly placement?: Placement;
}

export interface ProbeOptions {
  /** Starts the processes that engines are tried in. */
  readonly host?: WorkerHost;
  readonly signal?: AbortSignal;
  /** Longest time for one engine, start-up included. */
  readonly limitMilliseconds?: number;
  readonly placement?: boolean;
  readonly catalogue?: readonly Pick<EngineEntry, 'name' | 'remedy'>[];
  readonly onProbe?: (probe: EngineProbe) => void;
}

const LIMIT_MS = 20_000;
/** Time for a process and a device to start, and how many steps of the fastest engine so far another may take. */
const START_MS = 8_000;
const CHANCE = 40;
const LAST_RESORT = 'tfjs:cpu';

/** Probes one engine after the other, each in a process of its own. */
export async function probeEngines(options: ProbeOptions = {}): Promise<readonly EngineProbe[]> {
  const probes: EngineProbe[] = [];
  for (const entry of options.catalogue ?? engineCatalogue()) {
    // One at a time: engines measured side by side would slow each other down.
    const probe = await probeEngine(entry, options);
    probes.push(probe);
    options.onProbe?.(probe);
  }
  return probes;
}

/**
 * Probes engines as far as it takes to choose one: an engine far slower than one measured before it is given up early, plain
 * tfjs is a last resort.
 */
export async function probeToChoose(options: ProbeOptions = {}): Promise<readonly EngineProbe[]> {
  const probes: EngineProbe[] = [];
  for (const entry of options.catalogue ?? engineCatalogue()) {
    const best = fastestOf(probes)?.stepMilliseconds;
    // Nothing that starts is slower.
    if (best !== undefined && entry.name === LAST_RESORT) continue;
    const limitMilliseconds = best === undefined ? options.limitMilliseconds : START_MS + CHANCE * best;
    const probe = await probeEngine(entry, {
      ...options,
      ...(limitMilliseconds !== undefined && { limitMilliseconds }),
    });
    probes.push(probe);
    options.onProbe?.(probe);
  }
  return probes;
}

/** The fastest engine, started, with a report of all times for a person. */
export async function chooseEngine(
  options: ProbeOptions = {},
): Promise<{ readonly engine: Engine; readonly report: string; readonly probes: readonly EngineProbe[] }> {
  const probes = await probeToChoose(options);
  const fastest = fastestOf(probes);
  if (!fastest) {
    const causes = probes.map(({ name, cause, remedy }) => `\n  ${name}: ${cause}. ${remedy ?? ''}`.trimEnd());
    throw new Error(`No engine starts:${causes.join('')}`);
  }
  return { engine: await startEngine(fastest.name), report: reportOf(probes, fastest), probes };
}

/** The engine with the shortest step, if any could be measured. */
export function fastestOf(probes: readonly EngineProbe[]): EngineProbe | undefined {
  const measured = probes.filter(({ stepMilliseconds }) => stepMilliseconds !== undefined);
  return measured.toSorted((a, b) => a.stepMilliseconds! - b.stepMilliseconds!)[0];
}

function reportOf(probes: readonly EngineProbe[], { name, device }: EngineProbe): string {
  const times = probes.flatMap((probe) => {
    if (probe.stepMilliseconds !== undefined) return [`${probe.name} ${Math.round(probe.stepMilliseconds)} ms`];
    return probe.device === undefined ? [] : [`${probe.name}: ${probe.cause}`];
  });
  return `Engine: ${name} (${device}), the fastest of those that start. One training step: ${times.join(', ')}.`;
}

async function probeEngine(
  { name, remedy }: Pick<EngineEntry, 'name' | 'remedy'>,
  { host = nodeWorkerHost, limitMilliseconds = LIMIT_MS, placement = false, signal }: ProbeOptions,
): Promise<EngineProbe> {
  let found: EngineProbe = { name };
  const late = AbortSignal.timeout(Math.ceil(limitMilliseconds));
  try {
    await runTask(
      host,
      'probe',
      { engine: name, placement },
      {
        signal: signal ? AbortSignal.any([late, signal]) : late,
        onAbort: 'kill',
        onNews: (news) => (found = { ...found, ...learned(news) }),
      },
    );
    return found;
  } catch (error) {
    signal?.throwIfAborted();
    if (late.aborted) return { ...found, cause: lateCause(found, limitMilliseconds) };
    // One that started needs no remedy for starting.
    const told = error instanceof WorkerDeath || found.device === undefined ? { remedy } : {};
    return { ...found, cause: (error as Error).message, ...told };
  }
}

function learned(news: ProbeNews): Partial<EngineProbe> {
  switch (news.kind) {
    case 'started':
      return { device: news.device };
    case 'measured':
      return { stepMilliseconds: news.milliseconds, loss: news.loss };
    case 'placed':
      return { placement: news.placement };
  }
}

function lateCause({ device, stepMilliseconds }: EngineProbe, limit: number): string {
  const seconds = Math.round(limit / 1000);
  if (stepMilliseconds !== undefined) return `looking where its operators run took longer than ${seconds} s`;
  return device === undefined ? `did not start within ${seconds} s` : `slower than ${seconds} s`;
}
