// What an export costs, in time and in memory, as the project grows.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { importDataset } from '../../src-main/services/import.ts';
import { niftiBytes } from '../support/nifti-file.ts';
import type { ExportCost } from './export-run.ts';
import { runJson } from './run-json.ts';

/** One figure, and the same of the smaller project. */
interface ExportFigure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly note?: string;
}

const WIDTH = 216;
const HEIGHT = 256;
const SLICES = 19;
const FEW = 25;
const MANY = 100;

/** COCO and nnU-Net of 475 and of 1 900 slices with masks of three classes, each in a process of its own. */
export async function exportFigures(): Promise<ExportFigure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'unia bench '));
  try {
    const figures: ExportFigure[] = [];
    for (const volumes of [FEW, MANY]) {
      const project = join(folder, `project ${volumes}`);
      await writeProject(join(folder, `hearts ${volumes}`), project, volumes);
      for (const format of ['coco', 'nnunet']) {
        const out = join(folder, `${format} ${volumes}`);
        const script = join(import.meta.dirname, 'export-run.ts');
        const cost = await runJson<ExportCost>(process.execPath, [script, project, format, out]);
        rmSync(out, { recursive: true });
        figures.push(
          { name: `${format}, ${volumes * SLICES} slices`, value: cost.seconds, unit: 's' },
          { name: '  peak memory', value: cost.peakMb, unit: 'MB', note: `${cost.openMb.toFixed(0)} MB before` },
        );
      }
    }
    return figures;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Short-axis stacks, each of a patient of its own: a ventricle in its ring, a crescent beside it, grey noise. */
async function writeProject(source: string, project: string, volumes: number): Promise<void> {
  mkdirSync(source);
  const fields = { dims: [WIDTH, HEIGHT, SLICES], pixdim: [1, 1.25, 1.25, 8], qform: 1 };
  for (let patient = 1; patient <= volumes; patient++) {
    const name = `patient${String(patient).padStart(3, '0')}`;
    const labels = labelsOf(patient);
    const values = labels.map((label, i) => label * 200 + ((i * 7919 + patient) % 97));
    writeFileSync(join(source, `${name}.nii.gz`), gzipSync(niftiBytes(fields, values), { level: 1 }));
    writeFileSync(join(source, `${name}_gt.nii.gz`), gzipSync(niftiBytes({ ...fields, type: 'uint8' }, labels)));
  }
  await importDataset(source, project, { masks: 'reviewed', labelNames: { 1: 'RV', 2: 'MYO', 3: 'LV' } });
}

function labelsOf(patient: number): number[] {
  const labels: number[] = [];
  for (let slice = 0; slice < SLICES; slice++) {
    const [x0, y0] = [100 + (patient % 13), 120 + (slice % 7)];
    const radius = 40 - slice;
    for (let y = 0; y < HEIGHT; y++) {
      for (let x = 0; x < WIDTH; x++) {
        const far = Math.hypot(x - x0, y - y0);
        const right = Math.hypot(x - x0 + radius, y - y0) < radius;
        labels.push(far < radius * 0.7 ? 3 : far < radius ? 2 : right ? 1 : 0);
      }
    }
  }
  return labels;
}
