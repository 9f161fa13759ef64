// A project of NIfTI stacks with any masks on any geometry, to be exported and read back.
import fc from 'fast-check';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabelPlane } from '../../src-core/imaging/plane.ts';
import { importDataset } from '../../src-main/services/import.ts';
import { Project } from '../../src-main/services/project.ts';
import { exporter, type MaskProject } from './mask-project.ts';
import { niftiBytes, type NiftiFields } from './nifti-file.ts';

/** One stack: the fields of its header that say where it lies, and a mask for each slice, all of one size. */
export interface Stack {
  readonly geometry: NiftiFields;
  readonly masks: readonly LabelPlane[];
}

/** Volumes `stack_1`, `stack_2`, ... whose masks are the segmentation of one run. The first is validation, the last held out. */
export async function stackProject(stacks: readonly Stack[], classes: readonly string[]): Promise<MaskProject> {
  const folder = await mkdtemp(join(tmpdir(), 'unia stacks '));
  const source = join(folder, 'stacks');
  await mkdir(source);
  const name = (index: number): string => `stack_${index + 1}`;
  for (const [index, { geometry, masks }] of stacks.entries()) {
    const { width, height } = masks[0]!;
    const voxels = Array.from({ length: width * height * masks.length }, (_, i) => (i * 37 + index) % 500);
    const fields = { ...geometry, dims: [width, height, masks.length] };
    await writeFile(join(source, `${name(index)}.nii`), niftiBytes(fields, voxels));
  }
  const splits = { [name(0)]: 'validation', [name(stacks.length - 1)]: 'test' } as const;
  await importDataset(source, join(folder, 'project'), { classes, split: { kind: 'list', splits } });
  const project = Project.open(join(folder, 'project'));
  const run = project.createRun({});
  const stored = new Map(
    project.items.map(({ id, group, slice }) => [id, stacks[Number(group.split('_')[1]) - 1]!.masks[slice]!]),
  );
  for (const [id, mask] of stored) {
    project.writePrediction(run, id, { score: 0.5, labels: { segmentation: mask }, values: {} });
  }
  return {
    ...exporter(project, folder),
    ...{ project, run, folder, source },
    stored: (item) => stored.get(item)!,
    async remove() {
      project.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Scalar first. */
type Turn = [number, number, number, number];

/** Headers of any direction, flipped or not, oblique or along the axes, stated as quaternion, as matrix or both; voxels are no cubes. */
export function geometries(): fc.Arbitrary<NiftiFields> {
  const part = fc.double({ min: -1, max: 1, noNaN: true });
  const millimetres = fc.integer({ min: -200, max: 200 });
  return fc
    .record({
      turn: fc.oneof(
        fc.tuple(part, part, part, part).filter((four) => Math.hypot(...four) > 0.1),
        fc.constantFrom<Turn>([1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 1, 1, 1], [1, 1, 0, 0]),
      ),
      flip: fc.constantFrom(-1, 1),
      spacing: fc.tuple(fc.constantFrom(0.5, 1.25, 2), fc.constantFrom(0.75, 1.5), fc.constantFrom(3, 8, 10)),
      offset: fc.tuple(millimetres, millimetres, millimetres),
      stated: fc.constantFrom('quaternion', 'matrix', 'both'),
      littleEndian: fc.boolean(),
    })
    .map(({ turn, flip, spacing, offset, stated, littleEndian }) => {
      const length = Math.hypot(...turn) * (turn[0] < 0 ? -1 : 1);
      const [a, b, c, d] = turn.map((value: number) => value / length) as Turn;
      const rotation = [
        [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
        [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
        [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
      ];
      const srow = rotation.flatMap((row, axis) => [
        ...row.map((value, column) => value * spacing[column]! * (column === 2 ? flip : 1)),
        offset[axis]!,
      ]);
      return {
        littleEndian,
        pixdim: [flip, ...spacing],
        offset,
        ...(stated !== 'matrix' && { qform: 1, quaternion: [b, c, d] as const }),
        ...(stated !== 'quaternion' && { sform: 2, srow }),
      };
    });
}
