// Where the operators of a program run on a provider of onnxruntime, read from the runtime's own profile.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { trace, type HostTensor } from '../../src-core/compile/index.ts';
import type { ExecutionProvider } from './device.ts';
import type { TrialStep } from './trial-step.ts';

/** How a program's nodes are spread over the device and the CPU. */
export interface Placement {
  readonly nodes: number;
  /** Number of nodes by operator that the provider handed back to the CPU. */
  readonly onCpu: Readonly<Record<string, number>>;
}

/** One event of a profile; the runtime writes other kinds and fields too. */
interface ProfileEvent {
  readonly cat?: string;
  readonly args?: { readonly provider?: string; readonly op_name?: string };
}

/** Runs the step once and says which of its operators the provider handed back to the CPU. */
export async function placementOf(step: TrialStep, provider: ExecutionProvider): Promise<Placement> {
  const folder = mkdtempSync(join(tmpdir(), 'unia-profile-'));
  try {
    const session = await InferenceSession.create(trace(step.program).model, {
      executionProviders: [provider],
      graphOptimizationLevel: 'all',
      enableProfiling: true,
      profileFilePrefix: join(folder, 'step'),
      logSeverityLevel: 3,
    });
    const values = { ...step.state, ...step.inputs(1) };
    const feeds = Object.fromEntries(session.inputNames.map((name) => [name, toOrt(values[name]!)]));
    await session.run(feeds);
    session.endProfiling();
    await session.release();
    return readProfile(join(folder, readdirSync(folder)[0]!));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readProfile(file: string): Placement {
  const events = JSON.parse(readFileSync(file, 'utf8')) as readonly ProfileEvent[]; // the runtime's own file
  const nodes = events.filter(({ cat, args }) => cat === 'Node' && args?.provider !== undefined);
  const onCpu: Record<string, number> = {};
  for (const { args } of nodes) {
    if (args!.provider !== 'CPUExecutionProvider') continue;
    const operator = args!.op_name ?? 'unnamed';
    onCpu[operator] = (onCpu[operator] ?? 0) + 1;
  }
  return { nodes: nodes.length, onCpu };
}

function toOrt({ shape, data }: HostTensor): OrtTensor {
  return data instanceof Int32Array
    ? new OrtTensor('int32', data, [...shape])
    : new OrtTensor('float32', data, [...shape]);
}
