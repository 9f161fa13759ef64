import type { Command } from 'commander';
import type { EngineProbe } from '../../engines/choose.ts';
import type { Diagnosis, Machine } from '../../services/doctor.ts';
import { addExamples, positiveNumber } from '../options.ts';
import { print, printJson, startProgress, table } from '../output.ts';

interface Flags {
  readonly limit?: number;
  readonly json?: boolean;
}

const GIBIBYTE = 2 ** 30;

/** `unia doctor`: what this machine offers for training, and what to do about what is missing. */
export function registerDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .summary('show the engines of this machine and how fast they train')
    .description(
      'Shows the machine, the engines that start with the measured time of one training step, why the others do not ' +
        'start and what to do about it, and the operators that a GPU hands back to the CPU.',
    )
    .option('--limit <seconds>', 'longest time for one engine (default: 120)', positiveNumber)
    .option('--json', 'print the facts as JSON')
    .action(runDoctor);
  addExamples(command, [
    ['unia doctor', 'which engine --engine auto takes, and why'],
    ['unia doctor --json > machine.json', 'the same facts for a report'],
  ]);
}

async function runDoctor(flags: Flags): Promise<void> {
  const [{ diagnose }, { engineCatalogue }] = await Promise.all([
    import('../../services/doctor.ts'),
    import('../../engines/catalogue.ts'),
  ]);
  const catalogue = engineCatalogue();
  const progress = startProgress('engines', catalogue.length, 'probed');
  let done = 0;
  const diagnosis = await diagnose({
    catalogue,
    ...(flags.limit !== undefined && { limitMilliseconds: flags.limit * 1000 }),
    onProbe: ({ name }) => progress.update(++done, name),
  }).finally(() => progress.stop());
  if (flags.json) printJson(diagnosis);
  else print(describe(diagnosis));
}

function describe({ machine, engines, fastest }: Diagnosis): string {
  const started = engines.filter(({ device }) => device !== undefined);
  const missing = engines.filter(({ device }) => device === undefined);
  return [
    ...machineLines(machine),
    '',
    table(
      ['engine', 'device', 'one training step, ms', 'note'],
      started.map(({ name, device, stepMilliseconds, cause }) => [
        name,
        device,
        stepMilliseconds === undefined ? undefined : Math.round(stepMilliseconds),
        cause ?? (name === fastest ? 'the fastest: --engine auto takes it' : ''),
      ]),
    ),
    ...missing.flatMap(({ name, cause, remedy }) => ['', `${name} is missing: ${cause}`, `  ${remedy}`]),
    ...engines.flatMap(placementLines),
  ].join('\n');
}

function machineLines({ system, processor, cores, usableCores, memoryBytes, node }: Machine): string[] {
  const usable = usableCores === cores ? '' : `, ${usableCores} of them usable`;
  return [
    `System     ${system}`,
    `Processor  ${processor}, ${cores} cores${usable}`,
    `Memory     ${(memoryBytes / GIBIBYTE).toFixed(1)} GiB`,
    `Node       ${node}`,
  ];
}

function placementLines({ name, placement }: EngineProbe): string[] {
  if (!placement) return [];
  const entries = Object.entries(placement.onCpu);
  const handedBack = entries.reduce((sum, [, count]) => sum + count, 0);
  const operators = entries.map(([operator, count]) => `${operator} (${count})`).join(', ');
  const all = `${name} runs all ${placement.nodes} operators of a training step on its device.`;
  const some = `${name} hands ${handedBack} of ${placement.nodes} operators of a training step back to the CPU: ${operators}.`;
  return ['', handedBack === 0 ? all : some];
}
