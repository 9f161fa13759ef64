// Small source folders on disk for tests of import.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { niftiBytes, type NiftiFields } from './nifti-file.ts';

/** An empty folder that goes away with the test. */
export function temporaryFolder(name = 'unia test é '): string {
  const folder = mkdtempSync(join(tmpdir(), name));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a file and the folders above it. */
export function put(folder: string, path: string, content: string | Uint8Array): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

/** A gzipped NIfTI file. */
export function zippedNifti(fields: NiftiFields, values: readonly number[]): Uint8Array {
  return gzipSync(niftiBytes(fields, values));
}

const WIDTH = 12;
const HEIGHT = 10;

/** Intensity and label of the drawn patients at a voxel: a square of class `slice` in each of slices 1 to 3. */
export function drawnLabel(x: number, y: number, slice: number): number {
  return slice > 0 && x >= 4 && x < 7 && y >= 3 && y < 8 ? slice : 0;
}

/** Writes patients in the ACDC layout: 12 x 10 pixels, 4 slices, ED frame 1 and ES frame 3. */
export function writeAcdc(folder: string, patients: readonly string[]): void {
  const geometry: NiftiFields = { dims: [WIDTH, HEIGHT, 4], pixdim: [1, 1.5, 1.5, 10], qform: 1, units: 2 };
  for (const name of patients) {
    put(folder, `${name}/Info.cfg`, 'ED: 1\nES: 3\n');
    for (const frame of ['01', '03']) {
      const labels: number[] = [];
      const values: number[] = [];
      for (let slice = 0; slice < 4; slice += 1) {
        for (let y = 0; y < HEIGHT; y += 1) {
          for (let x = 0; x < WIDTH; x += 1) {
            labels.push(drawnLabel(x, y, slice));
            values.push(10 * y + x + 100 * slice);
          }
        }
      }
      put(folder, `${name}/${name}_frame${frame}.nii.gz`, zippedNifti(geometry, values));
      put(folder, `${name}/${name}_frame${frame}_gt.nii.gz`, zippedNifti({ ...geometry, type: 'uint8' }, labels));
    }
  }
}
