// The name of the device behind an execution provider, as far as the platform tells it.
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { basename } from 'node:path';

export type ExecutionProvider = 'cpu' | 'webgpu' | 'cuda' | 'dml' | 'coreml';

const KINDS: Readonly<Record<ExecutionProvider, string>> = {
  cpu: 'CPU',
  webgpu: 'WebGPU',
  cuda: 'CUDA',
  dml: 'DirectML',
  coreml: 'Core ML',
};

/** "AMD Ryzen 7 5800X" or "WebGPU, NVIDIA RTX A2000"; only the kind where the platform does not tell the name. */
export function describeDevice(provider: ExecutionProvider): string {
  if (provider === 'cpu') return processorName();
  const name = graphicsName(provider);
  return name === undefined ? KINDS[provider] : `${KINDS[provider]}, ${name}`;
}

/** The processor's model, "CPU" where the system does not tell it. */
export function processorName(): string {
  return cpus()[0]?.model.trim() || 'CPU';
}

function graphicsName(provider: ExecutionProvider): string | undefined {
  // A driver named by hand is the one that the loader takes, whatever hardware there is.
  const driver = provider === 'webgpu' ? process.env['VK_ICD_FILENAMES'] : undefined;
  if (driver) return `driver ${basename(driver, '.json')}`;
  return COMMANDS.filter(({ platform }) => platform === undefined || platform === process.platform)
    .map(({ command, pattern }) => pattern.exec(outputOf(command))?.[1]?.trim())
    .find((name) => name !== undefined && name !== '');
}

const COMMANDS: readonly {
  readonly platform?: NodeJS.Platform;
  readonly command: readonly [string, ...string[]];
  readonly pattern: RegExp;
}[] = [
  { command: ['nvidia-smi', '--query-gpu=name', '--format=csv,noheader'], pattern: /^(.+)$/m },
  { platform: 'linux', command: ['vulkaninfo', '--summary'], pattern: /deviceName\s*=\s*(.+)/ },
  { platform: 'darwin', command: ['system_profiler', 'SPDisplaysDataType'], pattern: /Chipset Model:\s*(.+)/ },
  {
    platform: 'win32',
    command: ['powershell', '-NoProfile', '-Command', '(Get-CimInstance Win32_VideoController).Name'],
    pattern: /^(.+)$/m,
  },
];

/** Empty when the command is not there or fails: these tools are not part of every system. */
function outputOf([command, ...args]: readonly [string, ...string[]]): string {
  try {
    return execFileSync(command, args, { encoding: 'utf8', timeout: 3000, stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}
