// `--engine auto`: every engine that starts is measured on one small training step, the fastest is taken.
import { fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Engine } from '../../src-core/compile/index.ts';
import { engineCatalogue, startEngine, type EngineEntry } from './catalogue.ts';
import type { Placement } from './placement.ts';
import type { ProbeMessage } from './probe.ts';

/** What probing one engine found. */
export interface EngineProbe {
  readonly name: string;
  /** The device in words, where the engine started. */
  readonly device?: string;
  /** Time of one training step, where it could be measured. */
  readonly stepMilliseconds?: number;
  /** Why it is missing or has no time. */
  readonly cause?: string;
  /** What a person can do about it, where it did not start. */
  readonly remedy?: string;
  /** Where a GPU provider runs the operators of a whole training step, where that was asked for. */
  readonly placement?: Placement;
}

export interface ProbeOptions {
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
/** The program runs from its sources and, packed, from what they were built to. */
const PROBE = fileURLToPath(new URL(`./probe${extname(import.meta.url)}`, import.meta.url));

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
 * The fastest engine, started, with a report of all times for a person. An engine far slower than one measured before it is given
 * up early.
 */
export async function chooseEngine(
  options: ProbeOptions = {},
): Promise<{ readonly engine: Engine; readonly report: string; readonly probes: readonly EngineProbe[] }> {
  const probes: EngineProbe[] = [];
  for (const entry of options.catalogue ?? engineCatalogue()) {
    const best = fastestOf(probes)?.stepMilliseconds;
    // Plain tfjs is a last resort: nothing that starts is slower.
    if (best !== undefined && entry.name === LAST_RESORT) continue;
    const limitMilliseconds = best === undefined ? options.limitMilliseconds : START_MS + CHANCE * best;
    const probe = await probeEngine(entry, {
      ...options,
      ...(limitMilliseconds !== undefined && { limitMilliseconds }),
    });
    probes.push(probe);
    options.onProbe?.(probe);
  }
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

function probeEngine(
  { name, remedy }: Pick<EngineEntry, 'name' | 'remedy'>,
  { limitMilliseconds = LIMIT_MS, placement = false }: ProbeOptions,
): Promise<EngineProbe> {
  return new Promise((resolve) => {
    const child = fork(PROBE, placement ? [name, 'placement'] : [name], { execArgv: [], stdio: 'ignore' });
    let found: EngineProbe = { name };
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, limitMilliseconds);
    // The last word of a healthy child is "done" or "failed"; anything else is a crash.
    let ended = false;
    child.on('message', (message: ProbeMessage) => {
      if (message.kind === 'done' || message.kind === 'failed') ended = true;
      found = { ...found, ...learned(message, found, remedy) };
    });
    child.on('error', (error) => resolve({ ...found, cause: error.message, remedy }));
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      if (ended) resolve(found);
      else if (late) resolve({ ...found, cause: lateCause(found, limitMilliseconds) });
      else resolve({ ...found, cause: `its process ended with ${signal ?? `exit code ${code}`}`, remedy });
    });
  });
}

function learned(message: ProbeMessage, { device }: EngineProbe, remedy: string): Partial<EngineProbe> {
  switch (message.kind) {
    case 'started':
      return { device: message.device };
    case 'measured':
      return { stepMilliseconds: message.milliseconds };
    case 'placed':
      return { placement: message.placement };
    case 'failed':
      return { cause: message.message, ...(device === undefined && { remedy }) };
    case 'done':
      return {};
  }
}

function lateCause({ device, stepMilliseconds }: EngineProbe, limit: number): string {
  const seconds = Math.round(limit / 1000);
  if (stepMilliseconds !== undefined) return `looking where its operators run took longer than ${seconds} s`;
  return device === undefined ? `did not start within ${seconds} s` : `slower than ${seconds} s`;
}
