// The engines of this machine as screens see them. They are tested when they are first needed; what was found is kept.
import { hostname } from 'node:os';
import { z } from 'zod';
import type { EngineFacts, EngineReport } from '../../../src-core/contract/engine.ts';
import type { JobFacts } from '../../../src-core/contract/job.ts';
import { engineCatalogue } from '../../engines/catalogue.ts';
import { fastestOf, probeToChoose, type EngineProbe } from '../../engines/choose.ts';
import { processorName } from '../../engines/device.ts';
import type { WorkerHost } from '../../worker/port.ts';
import { programVersion } from '../export/program-version.ts';
import type { Home } from './home.ts';
import type { Jobs } from './jobs.ts';

export const ENGINE_TEST = 'engine-test';
const FILE = 'engines.json';
const AUTO = 'auto';
/** What others have to agree with. */
const REFERENCE = 'onnxruntime:cpu';
/** Engines add in other orders and in single precision: their losses agree to some three digits. */
const TOLERANCE = 5e-3;

const PROBE = z.object({
  name: z.string(),
  device: z.string().optional(),
  stepMilliseconds: z.number().optional(),
  loss: z.number().optional(),
  cause: z.string().optional(),
  remedy: z.string().optional(),
});
const TESTS = z.object({ machine: z.string(), tested: z.string(), probes: z.array(PROBE) });
type Tests = z.output<typeof TESTS>;

export interface EnginesOptions {
  readonly home: Home;
  readonly jobs: Jobs;
  readonly workers: WorkerHost;
  /** Engine that the settings name. */
  readonly asked: () => string;
  readonly tell: (report: EngineReport) => void;
}

/** Tests engines and knows which one to take. */
export class Engines {
  private readonly options: EnginesOptions;
  private tests: Tests | undefined;

  constructor(options: EnginesOptions) {
    this.options = options;
    const kept = options.home.read(FILE, TESTS.optional(), undefined);
    // Another version or machine may have other engines.
    if (kept?.machine === machine()) this.tests = kept;
  }

  report(): EngineReport {
    const asked = this.options.asked();
    const engines = (this.tests?.probes ?? []).map((probe) => factsOf(probe, this.tests!.probes));
    const fastest = fastestPassed(this.tests?.probes ?? []);
    const used = asked === AUTO ? fastest : this.tests?.probes.find(({ name }) => name === asked);
    return {
      tested: this.tests?.tested ?? null,
      engines,
      fastest: fastest?.name ?? null,
      asked,
      inUse: used?.device === undefined ? null : { name: used.name, device: used.device },
    };
  }

  /** Tests every engine; one test at a time. */
  test(): JobFacts {
    const { jobs, tell } = this.options;
    const running = jobs.running(ENGINE_TEST);
    if (running) return running;
    const catalogue = engineCatalogue();
    return jobs.start({ kind: ENGINE_TEST, title: ENGINE_TEST, unit: 'engines' }, async ({ signal, progress }) => {
      let done = 0;
      progress(0, catalogue.length);
      const probes = await probeToChoose({
        ...{ catalogue, host: this.options.workers, signal },
        onProbe: ({ name }) => progress(++done, catalogue.length, name),
      });
      // What a probe says beside these is for the doctor.
      const kept = probes.map((probe) => PROBE.parse(probe));
      this.tests = { machine: machine(), tested: new Date().toISOString(), probes: kept };
      this.options.home.write(FILE, this.tests);
      tell(this.report());
      return this.report();
    });
  }

  /** The engine to take; tests them first where that is needed to know. One that was asked for is never replaced. */
  async resolve(signal: AbortSignal): Promise<string> {
    const asked = this.options.asked();
    if (asked !== AUTO) return asked;
    if (!this.tests || this.options.jobs.running(ENGINE_TEST)) {
      const { id } = this.test();
      const stop = (): void => this.options.jobs.cancel(id);
      signal.addEventListener('abort', stop, { once: true });
      await this.options.jobs.result(id).finally(() => signal.removeEventListener('abort', stop));
    }
    const fastest = fastestPassed(this.tests?.probes ?? []);
    if (fastest) return fastest.name;
    const causes = (this.tests?.probes ?? []).map(({ name, cause, remedy }) => `${name}: ${cause}. ${remedy ?? ''}`);
    throw new Error(`No engine starts: ${causes.join(' ')}`);
  }

  /** Name of the engine to take, where that is known without a test. */
  get known(): string | undefined {
    const { asked, fastest } = this.report();
    return asked === AUTO ? (fastest ?? undefined) : asked;
  }

  /** The device of an engine as its test told; null where it was not tested. */
  deviceOf(engine: string): string | null {
    return this.tests?.probes.find(({ name }) => name === engine)?.device ?? null;
  }
}

/** Changes with everything that may change what is found. */
function machine(): string {
  return [programVersion().version, hostname(), process.platform, processorName()].join(' ');
}

function fastestPassed(probes: Tests['probes']): EngineProbe | undefined {
  const passed = probes.filter((probe) => factsOf(probe, probes).verdict === 'passed');
  return fastestOf(passed as EngineProbe[]); // JSON leaves absent parts out
}

function factsOf(probe: Tests['probes'][number], all: Tests['probes']): EngineFacts {
  const { name, device, stepMilliseconds, loss, cause = '', remedy = '' } = probe;
  const facts = { name, device: device ?? null, stepMilliseconds: stepMilliseconds ?? null, cause, remedy };
  if (device === undefined) return { ...facts, verdict: 'missing' };
  if (stepMilliseconds === undefined || loss === undefined) return { ...facts, verdict: 'slow' };
  const expected = all.find((each) => each.name === REFERENCE)?.loss;
  const agrees = expected === undefined || Math.abs(loss - expected) <= TOLERANCE * Math.abs(expected);
  if (agrees) return { ...facts, verdict: 'passed' };
  return { ...facts, verdict: 'wrong', cause: `${loss.toPrecision(5)}, the processor ${expected.toPrecision(5)}` };
}
