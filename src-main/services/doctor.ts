// What this machine offers: processor, memory, engines, how fast they train and what a GPU leaves to the CPU.
import { availableParallelism, cpus, freemem, release, totalmem, type as systemType } from 'node:os';
import { fastestOf, probeEngines, type EngineProbe, type ProbeOptions } from '../engines/choose.ts';
import { processorName } from '../engines/device.ts';

export interface Machine {
  readonly system: string;
  readonly processor: string;
  /** Logical cores, and how many of them this process may use. */
  readonly cores: number;
  readonly usableCores: number;
  readonly memoryBytes: number;
  readonly freeMemoryBytes: number;
  readonly node: string;
}

export interface Diagnosis {
  readonly machine: Machine;
  readonly engines: readonly EngineProbe[];
  /** The engine that `--engine auto` takes, if any starts. */
  readonly fastest?: string;
}

/** Placing the operators of a whole step takes a GPU driver a while: it compiles hundreds of kernels. */
const LIMIT_MS = 120_000;

/** Looks at the machine and probes every engine. */
export async function diagnose(options: ProbeOptions = {}): Promise<Diagnosis> {
  const engines = await probeEngines({ limitMilliseconds: LIMIT_MS, placement: true, ...options });
  const fastest = fastestOf(engines);
  return { machine: machine(), engines, ...(fastest && { fastest: fastest.name }) };
}

function machine(): Machine {
  return {
    system: `${systemType()} ${release()} (${process.platform}, ${process.arch})`,
    processor: processorName(),
    cores: cpus().length,
    usableCores: availableParallelism(),
    memoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
    node: process.versions.node,
  };
}
