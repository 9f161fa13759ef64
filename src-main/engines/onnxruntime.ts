import { InferenceSession, type Tensor as OrtTensor } from 'onnxruntime-node';
import {
  checkInputs,
  NEXT_PREFIX,
  trace,
  type CompiledProgram,
  type Engine,
  type HostTensors,
  type InPlaceStep,
  type Program,
  type TracedModel,
} from '../../src-core/compile/index.ts';
import { adamwModule } from './adamw-kernel.ts';
import { describeDevice, type ExecutionProvider } from './device.ts';
import { HostState } from './host-state.ts';
import { DeviceState, toHost, toOrt, type OnnxRuntimeState } from './onnxruntime-state.ts';

export interface OnnxRuntimeOptions {
  readonly provider: ExecutionProvider;
  /** Threads within one operator on the CPU; all cores when left out. */
  readonly threads?: number;
}

/** Starts a provider: a device that is missing is an error here, not at the first program. */
export async function startOnnxRuntimeEngine(options: OnnxRuntimeOptions): Promise<Engine> {
  const { model } = trace({
    name: 'start',
    inputs: { x: { shape: [1], dtype: 'float32' } },
    state: {},
    run: ({ x }) => ({ outputs: { y: x! } }),
  });
  const session = await InferenceSession.create(model, {
    executionProviders: [options.provider],
    // The runtime's own report of a missing device repeats the error at length.
    logSeverityLevel: 4,
  });
  await session.release();
  return createOnnxRuntimeEngine(options);
}

export function createOnnxRuntimeEngine(options: OnnxRuntimeOptions): Engine {
  return {
    name: `onnxruntime:${options.provider}`,
    device: describeDevice(options.provider),
    // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous for devices
    async allocate(values) {
      return isResident(options) ? DeviceState.of(values) : new HostState(values);
    },
    compile: (program) =>
      program.inPlace && !isResident(options)
        ? compileInPlace(program.inPlace, options)
        : compileWhole(program, options),
    dispose: () => Promise.resolve(),
  };
}

/** The runtime's binding to Node keeps tensors on WebGPU devices only; other GPUs exchange state through the host. */
function isResident({ provider }: OnnxRuntimeOptions): boolean {
  return provider === 'webgpu';
}

/** Only gradients come out of the runtime; AdamW then moves the state where it lies, in one pass over memory. */
async function compileInPlace(
  { gradients, scale, betas, moves }: InPlaceStep,
  options: OnnxRuntimeOptions,
): Promise<CompiledProgram> {
  const [kernel, compiled] = await Promise.all([adamwModule(), compileWhole(gradients, options)]);
  return {
    async run(inputs, state) {
      const found = await compiled.run(inputs, state);
      const held = state as HostState; // an engine is given the states that it allocated
      const scalar = (values: HostTensors, name: string): number => values[name]!.data[0]!;
      const inner = new Set(scale === undefined ? [] : [scale]);
      for (const move of moves) {
        const gradient = found[move.gradient];
        if (!gradient) continue;
        inner.add(move.gradient);
        held.move(kernel, move, gradient.data, {
          scale: scale === undefined ? 1 : scalar(found, scale),
          betas,
          rate: scalar(inputs, move.rate),
          epsilon: scalar(inputs, move.epsilon),
          keep: scalar(inputs, move.keep),
        });
      }
      return Object.fromEntries(Object.entries(found).filter(([name]) => !inner.has(name)));
    },
    dispose: () => compiled.dispose(),
  };
}

async function compileWhole(program: Program, options: OnnxRuntimeOptions): Promise<CompiledProgram> {
  const traced = trace(program);
  const session = await InferenceSession.create(traced.model, {
    executionProviders: [options.provider],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    enableMemPattern: true,
    logSeverityLevel: 3,
    ...(options.threads !== undefined && { intraOpNumThreads: options.threads }),
    ...(isResident(options) && { preferredOutputLocation: outputLocations(traced) }),
  });
  const wanted = new Set(session.inputNames);
  const advanced = new Set<DeviceState>();
  return {
    async run(inputs, state) {
      checkInputs(program, inputs);
      const held = state as OnnxRuntimeState; // an engine is given the states that it allocated
      const feeds: Record<string, OrtTensor> = {};
      for (const [name, value] of Object.entries(inputs)) if (wanted.has(name)) feeds[name] = toOrt(value);
      for (const name of Object.keys(program.state)) if (wanted.has(name)) feeds[name] = held.get(name);
      const fetches: Record<string, OrtTensor | null> = {};
      for (const name of Object.keys(traced.outputs)) fetches[name] = null;
      for (const name of traced.updated) fetches[NEXT_PREFIX + name] = held.fetch(name);
      const results = await session.run(feeds, fetches);
      if (held instanceof DeviceState) advanced.add(held);
      for (const name of traced.updated) held.advance(name, results[NEXT_PREFIX + name] as OrtTensor);
      return Object.fromEntries(Object.keys(traced.outputs).map((name) => [name, toHost(results[name] as OrtTensor)]));
    },
    async dispose() {
      for (const state of advanced) await state.bringHome();
      await session.release();
    },
  };
}

/** Outputs come to the host, the next state stays where it was computed. */
function outputLocations({ outputs, updated }: TracedModel): Record<string, 'cpu' | 'gpu-buffer'> {
  return Object.fromEntries([
    ...Object.keys(outputs).map((name) => [name, 'cpu'] as const),
    ...updated.map((name) => [NEXT_PREFIX + name, 'gpu-buffer'] as const),
  ]);
}
