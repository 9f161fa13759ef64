// Writes the synthetic phantom as a folder in the ACDC layout, with the quirks that real ACDC files have.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { drawPhantom, PHANTOM_GROUPS, type Phantom, type PhantomGroup } from '../../src-core/datasets/phantom.ts';
import { phantomNifti } from '../../src-core/datasets/phantom-nifti.ts';
import { createRandom } from '../../src-core/training/random.ts';

export interface PhantomDatasetOptions {
  /** Folder to write; made where it is missing. */
  readonly folder: string;
  readonly patients?: number;
  /** Side of the square slices, pixels. */
  readonly size?: number;
  readonly slices?: number;
  readonly phases?: number;
  readonly seed?: number;
  readonly onPatient?: (done: number, total: number) => void;
}

const README = `Synthetic phantom
=================

Every image in this folder was drawn by a program (unia demo). No patient is shown, and nothing measured here says
anything about patients.

The layout is that of the ACDC challenge: patientNNN/Info.cfg, patientNNN_4d.nii.gz, patientNNN_frameFF.nii.gz and
patientNNN_frameFF_gt.nii.gz, with labels 0 background, 1 RV, 2 myocardium, 3 LV. As in ACDC, each header carries an
sform of 1 mm voxels beside the true qform, and end diastole is not always frame 01.
`;

const compress = promisify(gzip);

/** Writes the phantom patients and gives their folders' names. Equal options give equal files. */
export async function writePhantomDataset(options: PhantomDatasetOptions): Promise<readonly string[]> {
  const { folder, patients = 10, size = 128, slices = 6, phases = 8, seed = 1, onPatient } = options;
  if (!Number.isInteger(patients) || patients < 1 || patients > 999) {
    throw new Error(`phantom patients: expected a whole number from 1 to 999, got ${patients}`);
  }
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'README.txt'), README);
  const names: string[] = [];
  for (let i = 0; i < patients; i += 1) {
    const name = `patient${String(i + 1).padStart(3, '0')}`;
    const group = PHANTOM_GROUPS[i % PHANTOM_GROUPS.length]!;
    // As with patient090 of ACDC, one recording does not begin at end diastole.
    const endDiastole = i === 2 ? Math.min(3, phases - 1) : 0;
    const random = createRandom(seed).fork(name);
    const phantom = drawPhantom(random, { group, size, slices, phases, endDiastole });
    await writePatient(join(folder, name), name, group, phantom, i);
    names.push(name);
    onPatient?.(i + 1, patients);
  }
  return names;
}

async function writePatient(
  folder: string,
  name: string,
  group: PhantomGroup,
  phantom: Phantom,
  index: number,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { phases, endDiastole, endSystole } = phantom;
  // Real files differ in which of the two codes is the larger one, and readers go by that.
  const formCodes = index % 2 === 0 ? { sform: 2, qform: 1 } : { sform: 1, qform: 2 };
  const save = async (file: string, volumes: readonly (Int16Array | Uint8Array)[]) => {
    await writeFile(join(folder, file), await compress(phantomNifti(phantom, volumes, formCodes), { level: 4 }));
  };
  const frames = [endDiastole, endSystole].map(async (phase) => {
    const frame = `${name}_frame${frameNumber(phase)}`;
    await save(`${frame}.nii.gz`, [phases[phase]!.intensities]);
    await save(`${frame}_gt.nii.gz`, [phases[phase]!.labels]);
  });
  const cine = save(
    `${name}_4d.nii.gz`,
    phases.map(({ intensities }) => intensities),
  );
  await Promise.all([...frames, cine]);
  await writeFile(join(folder, 'Info.cfg'), infoOf(group, phantom));
}

/** Frames count from 1, in two digits. */
function frameNumber(phase: number): string {
  return String(phase + 1).padStart(2, '0');
}

function infoOf(group: PhantomGroup, { phases, endDiastole, endSystole }: Phantom): string {
  return [
    `ED: ${endDiastole + 1}`,
    `ES: ${endSystole + 1}`,
    `Group: ${group}`,
    `NbFrame: ${phases.length}`,
    'Source: synthetic phantom, not a patient',
    '',
  ].join('\n');
}
