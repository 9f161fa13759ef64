/** One volume, or one image as a volume of one slice. */
export interface EvaluationVolume {
  readonly id: string;
  readonly patient: string;
  /** End-diastole or end-systole; null where phases have no meaning or are unknown. */
  readonly phase: 'ED' | 'ES' | null;
  /** Size of a voxel in mm as (slice, row, column); null when it is not known. */
  readonly spacing: readonly [number, number, number] | null;
  /** (slices, rows, columns). */
  readonly shape: readonly [number, number, number];
  /** Label ids, last axis fastest; 255 is "not decided" and counts as background. */
  readonly prediction: Uint8Array;
  /** Label ids; pixels of 255 are left out of everything. */
  readonly truth: Uint8Array;
  /** Per pixel in [0, 1]. */
  readonly uncertainty?: Float32Array | undefined;
}
