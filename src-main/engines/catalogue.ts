// Which engines there are, how they start, and what to do about one that does not.
import { createRequire } from 'node:module';
import { listSupportedBackends } from 'onnxruntime-node';
import type { Engine } from '../../src-core/compile/index.ts';
import type { ExecutionProvider } from './device.ts';
import { startOnnxRuntimeEngine } from './onnxruntime.ts';
import { createTfjsEngine, type TfjsBackend } from './tfjs.ts';

export interface EngineEntry {
  /** As given to `--engine`. */
  readonly name: string;
  /** Starts it, or throws with the cause. */
  readonly start: () => Promise<Engine>;
  /** What a person can do when it does not start. */
  readonly remedy: string;
}

const PROVIDERS: Readonly<Record<ExecutionProvider, string>> = {
  cpu: 'It is part of onnxruntime-node: run "npm ci" again.',
  webgpu: 'It needs a GPU with a Vulkan, Direct3D 12 or Metal driver: install the vendor’s driver.',
  cuda: 'It needs an NVIDIA GPU, CUDA 12 and cuDNN 9, and the CUDA build of the runtime: "npm run gpu:cuda" (Linux).',
  dml: 'DirectML is part of Windows 10 and newer only.',
  coreml: 'Core ML is part of macOS only.',
};

const TFJS: Readonly<
  Record<string, { readonly backend: TfjsBackend; readonly package?: string; readonly remedy: string }>
> = {
  'tfjs:node-gpu': {
    backend: 'tensorflow',
    package: '@tensorflow/tfjs-node-gpu',
    remedy:
      'It downloads TensorFlow when installed: "npm install --no-save @tensorflow/tfjs-node-gpu", with CUDA 11 and cuDNN 8 in place.',
  },
  'tfjs:node': {
    backend: 'tensorflow',
    package: '@tensorflow/tfjs-node',
    remedy: 'It downloads TensorFlow when installed: "npm install --no-save @tensorflow/tfjs-node".',
  },
  'tfjs:wasm': { backend: 'wasm', remedy: 'It is part of the project: run "npm ci" again.' },
  'tfjs:cpu': { backend: 'cpu', remedy: 'It is part of the project: run "npm ci" again.' },
};

/** Every engine that this platform could have, fastest kinds first. */
export function engineCatalogue(): EngineEntry[] {
  const onnx = (Object.keys(PROVIDERS) as ExecutionProvider[])
    .filter((provider) => platformHas(provider))
    .map((provider) => ({
      name: `onnxruntime:${provider}`,
      start: async () => {
        if (!listSupportedBackends().some(({ name }) => name === provider)) {
          throw new Error(`this build of onnxruntime-node has no ${provider} provider`);
        }
        return startOnnxRuntimeEngine({ provider });
      },
      remedy: PROVIDERS[provider],
    }));
  const tfjs = Object.entries(TFJS).map(([name, entry]) => ({
    name,
    start: async () => {
      if (entry.package !== undefined) loadPackage(entry.package);
      return createTfjsEngine(entry.backend);
    },
    remedy: entry.remedy,
  }));
  return [...onnx, ...tfjs];
}

function platformHas(provider: ExecutionProvider): boolean {
  if (provider === 'dml') return process.platform === 'win32';
  if (provider === 'coreml') return process.platform === 'darwin';
  if (provider === 'cuda') return process.platform !== 'darwin';
  return true;
}

function loadPackage(name: string): void {
  restoreRemovedUtilities();
  try {
    createRequire(import.meta.url)(name);
  } catch (cause) {
    throw new Error(`the package ${name} does not load`, { cause });
  }
}

/** tfjs-node 4.22 calls two functions that Node 23 removed from `util`. */
function restoreRemovedUtilities(): void {
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
  util['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  util['isArray'] ??= Array.isArray;
}

/** Starts the engine asked for; one that is unknown or does not start is an error with its cause and the remedy. */
export async function startEngine(name: string): Promise<Engine> {
  const catalogue = engineCatalogue();
  const entry = catalogue.find((candidate) => candidate.name === name);
  if (!entry) {
    throw new Error(`Unknown engine "${name}". Engines are: auto, ${catalogue.map((e) => e.name).join(', ')}`);
  }
  try {
    return await entry.start();
  } catch (cause) {
    throw new Error(`The engine ${name} does not start. ${entry.remedy}`, { cause });
  }
}
