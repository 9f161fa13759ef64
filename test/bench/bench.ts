// `npm run bench [-- --json] [--only NAME]`: every figure with what it is compared to in the same run.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { table } from '../../src-main/cli/output.ts';
import { exportFigures } from './exports.ts';
import { projectTimes } from './project.ts';
import { propagationQuality } from './propagation.ts';
import { runJson } from './run-json.ts';

interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The peer's figure in the same unit, where there is a peer. */
  readonly peer?: number;
  readonly ratio?: number;
  readonly note?: string;
}

interface StepFacts {
  readonly msPerStep: number;
  readonly peakRssMb: number;
}

const ROUNDS = 3;
const DATA = process.env['UNIA_DATA'] ?? join(import.meta.dirname, '../../../shared/data');
const python = process.env['UNIA_PYTHON'];
const { values: flags } = parseArgs({ options: { json: { type: 'boolean' }, only: { type: 'string' } } });

const benches: Readonly<Record<string, () => Promise<Row[]>>> = {
  'vit-step': () => comparedStep('vit', 'vit_step.py', [], 'ViT-S/16, 224 px, batch 4, fp32: forward, backward, AdamW'),
  'unia-iteration': () =>
    comparedStep('unia', 'unia_iteration.py', [], 'whole UniA iteration, ViT-S/16, 224 px, batch 4, 20 classes'),
  growth: growth,
  dataset: dataset,
  propagation: propagation,
  exports: exportFigures,
  project: () => Promise.resolve(projectTimes().map(({ name, ms }) => ({ name, value: ms, unit: 'ms' }))),
};

const rows: Row[] = [];
for (const [name, bench] of Object.entries(benches)) {
  if (flags.only !== undefined && flags.only !== name) continue;
  const found = await bench();
  rows.push(...found);
  if (!flags.json) process.stderr.write(`${name} done\n`);
}
if (flags.json)
  process.stdout.write(`${JSON.stringify({ node: process.version, python: python ?? null, rows }, undefined, 2)}\n`);
else process.stdout.write(`${text(rows)}\n`);

/** Ours and the peer in turn, so that both see the same machine; the best round of each counts. */
async function comparedStep(kind: string, script: string, options: readonly string[], name: string): Promise<Row[]> {
  const ours: StepFacts[] = [];
  const peers: StepFacts[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await step(kind, options));
    if (python !== undefined)
      peers.push(await runJson(python, [join(import.meta.dirname, 'pytorch', script), ...options]));
  }
  const best = (facts: readonly StepFacts[], pick: (fact: StepFacts) => number): number => Math.min(...facts.map(pick));
  const compared = (label: string, unit: string, pick: (fact: StepFacts) => number): Row => ({
    name: label,
    unit,
    value: best(ours, pick),
    ...(peers.length > 0 && {
      peer: best(peers, pick),
      ratio: best(ours, pick) / best(peers, pick),
      note: 'peer: PyTorch',
    }),
    ...(peers.length === 0 && { note: 'UNIA_PYTHON is not set: no PyTorch column' }),
  });
  return [
    compared(name, 'ms', ({ msPerStep }) => msPerStep),
    compared('  peak memory', 'MB', ({ peakRssMb }) => peakRssMb),
  ];
}

function step(kind: string, options: readonly string[]): Promise<StepFacts> {
  return runJson(process.execPath, [join(import.meta.dirname, 'training-step.ts'), '--kind', kind, ...options]);
}

/** Time and memory of a step as size, batch and resolution grow. */
async function growth(): Promise<Row[]> {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['ViT-Ti/16, 224 px, batch 4', ['--size', 'tiny']],
    ['ViT-S/16, 224 px, batch 1', ['--batch', '1']],
    ['ViT-S/16, 224 px, batch 8', ['--batch', '8']],
    ['ViT-S/16, 448 px, batch 1', ['--image', '448', '--batch', '1']],
    ['ViT-B/16, 224 px, batch 4', ['--size', 'base']],
  ];
  const result: Row[] = [];
  for (const [name, options] of cases) {
    const facts = await step('vit', [...options, '--steps', '3']);
    result.push(
      { name, value: facts.msPerStep, unit: 'ms' },
      { name: '  peak memory', value: facts.peakRssMb, unit: 'MB' },
    );
  }
  return result;
}

/** Masks of one phase on the other, beside a copy. */
async function propagation(): Promise<Row[]> {
  const source = join(DATA, 'acdc');
  const facts = await propagationQuality(source);
  if (!facts) return [{ name: 'propagation', value: NaN, unit: '', note: `skipped: ${source} is not there` }];
  return facts.map(({ name, propagated, copied }) => ({
    ...{ name, value: 100 * propagated, unit: '% DSC', peer: 100 * copied },
    note: 'peer: the mask copied as it is',
  }));
}

/** Import of the ACDC folder and prediction throughput, where the data is at hand. */
async function dataset(): Promise<Row[]> {
  const source = join(DATA, 'acdc');
  if (!existsSync(source))
    return [{ name: 'ACDC import', value: NaN, unit: 's', note: `skipped: ${source} is not there` }];
  const folder = mkdtempSync(join(tmpdir(), 'unia-bench-'));
  try {
    const project = join(folder, 'project');
    const unia = join(import.meta.dirname, '../../src-main/cli/unia.ts');
    const imported = performance.now();
    await runQuietly([
      unia,
      'import',
      source,
      '--project',
      project,
      '--classes',
      'LV',
      '--tags',
      'crops',
      '--window-reference',
      '160',
    ]);
    const importSeconds = (performance.now() - imported) / 1000;
    await runQuietly([
      unia,
      'train',
      '--project',
      project,
      '--preset',
      'acdc',
      '--iterations',
      '5',
      '--engine',
      'onnxruntime:cpu',
    ]);
    const predicted = performance.now();
    await runQuietly([unia, 'predict', '--project', project, '--engine', 'onnxruntime:cpu', '--split', 'test']);
    const seconds = (performance.now() - predicted) / 1000;
    const { Project } = await import('../../src-main/services/project.ts');
    const opened = Project.open(project, 'read');
    const slices = opened.predictedItems('run-001').length;
    opened.close();
    return [
      { name: 'ACDC import, 75 patients', value: importSeconds, unit: 's' },
      { name: 'prediction, acdc preset, start-up included', value: slices / seconds, unit: 'slices/s' },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runQuietly(parameters: readonly string[]): Promise<void> {
  const { execFile } = await import('node:child_process');
  const { promisify } = await import('node:util');
  await promisify(execFile)(process.execPath, [...parameters], { maxBuffer: 2 ** 26 });
}

function text(found: readonly Row[]): string {
  const number = (value: number | undefined, digits: number): string =>
    value === undefined || Number.isNaN(value) ? '-' : value.toFixed(digits);
  return table(
    ['what', 'ours', 'peer', 'ratio', 'unit', 'note'],
    found.map(({ name, value, unit, peer, ratio, note }) => [
      name,
      number(value, 1),
      number(peer, 1),
      number(ratio, 2),
      unit,
      note ?? '',
    ]),
  );
}
