// A synthetic cine short-axis phantom: a drawn heart that beats among drawn organs, with noise, blur and a bias field.
// It shows the product at work where no patient's image may be shown; what is measured on it says nothing about patients.
import type { Spacing } from '../imaging/nifti-geometry.ts';
import type { Random } from '../unia/parameters.ts';
import { paintBody, paintHeart, randomBody, type Body } from './phantom-body.ts';
import { blur, eachPixel, smoothNoise, type Canvas } from './phantom-canvas.ts';
import {
  contractionAt,
  heartOutlines,
  randomHeart,
  type HeartOutlines,
  type HeartShape,
  type PhantomGroup,
} from './phantom-heart.ts';

export { PHANTOM_GROUPS, type PhantomGroup } from './phantom-heart.ts';

/** Label ids of the phantom, those of ACDC. */
export const PHANTOM_LABELS = { RV: 1, MYO: 2, LV: 3 } as const;

export interface PhantomOptions {
  readonly group: PhantomGroup;
  /** Side of the square slices, pixels. */
  readonly size: number;
  readonly slices: number;
  /** Phases of one heart beat. */
  readonly phases: number;
  /** Phase of end diastole, from 0. */
  readonly endDiastole: number;
}

/** One phase: both arrays slice by slice, rows first, `slices · size · size` values. */
export interface PhantomPhase {
  /** Intensities as a scanner stores them, 0 to about 1000. */
  readonly intensities: Int16Array;
  /** `PHANTOM_LABELS`, 0 elsewhere. */
  readonly labels: Uint8Array;
}

/** A synthetic patient. */
export interface Phantom {
  readonly size: number;
  readonly slices: number;
  /** mm per voxel. */
  readonly spacing: Spacing;
  readonly secondsPerPhase: number;
  /** Phase indices, from 0. */
  readonly endDiastole: number;
  readonly endSystole: number;
  readonly phases: readonly PhantomPhase[];
}

/** Width of the field of view, mm. */
const FIELD_MM = 235;
/** Share of the beat that contraction takes. */
const SYSTOLE = 0.38;
/** Intensity that a tissue of brightness 1 is stored as. */
const FULL_SCALE = 620;

interface Patient {
  readonly heart: HeartShape;
  readonly body: Body;
  readonly turn: number;
  /** Height of the first slice and the step to the next, in lengths of the ventricle. */
  readonly firstHeight: number;
  readonly heightStep: number;
  readonly lengthMm: number;
  readonly noise: number;
  readonly blurSide: number;
  readonly gamma: number;
  /** Coefficients of the bias field's logarithm: x, y, xy, x², y². */
  readonly bias: readonly number[];
}

/** Draws one synthetic patient over a whole beat; equal numbers from `random` give equal voxels. */
export function drawPhantom(random: Random, options: PhantomOptions): Phantom {
  checkOptions(options);
  const { size, slices, phases, endDiastole } = options;
  const patient = randomPatient(random, options);
  const pixelMm = FIELD_MM / size;
  const pixels = size * size;
  const volumes = Array.from({ length: phases }, () => ({
    intensities: new Int16Array(slices * pixels),
    labels: new Uint8Array(slices * pixels),
  }));
  const bias = biasField(patient, size);
  for (let slice = 0; slice < slices; slice += 1) {
    const height = patient.firstHeight + slice * patient.heightStep;
    const still: Canvas = { size, pixelMm, turn: patient.turn, values: new Float32Array(pixels).fill(0.015) };
    paintBody(still, patient.body, patient.heart, height, random);
    const flow = smoothNoise(random, size, 4);
    volumes.forEach((volume, phase) => {
      const time = ((phase - endDiastole + phases) % phases) / phases;
      const outlines = heartOutlines(patient.heart, height, contractionAt(time, SYSTOLE));
      const canvas = { ...still, values: still.values.slice() };
      paintHeart(canvas, outlines, patient.body.tissues, flow);
      drawLabels(canvas, outlines, volume.labels.subarray(slice * pixels, (slice + 1) * pixels));
      blur(canvas.values, size, patient.blurSide);
      store(canvas.values, bias, patient, random, volume.intensities.subarray(slice * pixels, (slice + 1) * pixels));
    });
  }
  const gapMm = Math.round(patient.heightStep * patient.lengthMm * 10) / 10;
  return {
    size,
    slices,
    spacing: { x: pixelMm, y: pixelMm, z: gapMm },
    secondsPerPhase: 0.9 / phases,
    endDiastole,
    endSystole: (endDiastole + Math.round(SYSTOLE * phases)) % phases,
    phases: volumes,
  };
}

function checkOptions({ size, slices, phases, endDiastole }: PhantomOptions): void {
  const whole = { size: [32, size], slices: [2, slices], phases: [2, phases] } as const;
  for (const [name, [least, value]] of Object.entries(whole)) {
    if (!Number.isInteger(value) || value < least) {
      throw new Error(`phantom ${name}: expected a whole number from ${least} on, got ${value}`);
    }
  }
  if (!Number.isInteger(endDiastole) || endDiastole < 0 || endDiastole >= phases) {
    throw new Error(`phantom endDiastole: expected a phase from 0 to ${phases - 1}, got ${endDiastole}`);
  }
}

function randomPatient(random: Random, { group, slices }: PhantomOptions): Patient {
  const between = (low: number, high: number) => low + (high - low) * random.uniform();
  // The stack starts at or just above the base and ends at or just below the apex.
  const firstHeight = between(-0.14, 0.03);
  const lastHeight = between(0.93, 1.1);
  return {
    heart: randomHeart(random, group),
    body: randomBody(random),
    turn: between(-0.45, 0.45),
    firstHeight,
    heightStep: (lastHeight - firstHeight) / (slices - 1),
    lengthMm: between(78, 96),
    noise: between(0.012, 0.03),
    blurSide: between(0.1, 0.2),
    gamma: between(0.95, 1.35),
    bias: Array.from({ length: 5 }, () => between(-0.3, 0.3)),
  };
}

/** Factor by which the receive coils brighten each pixel. */
function biasField({ bias }: Patient, size: number): Float32Array {
  return Float32Array.from({ length: size * size }, (_, i) => {
    const x = (2 * (i % size)) / size - 1;
    const y = (2 * Math.floor(i / size)) / size - 1;
    return Math.exp([x, y, x * y, x * x, y * y].reduce((sum, term, k) => sum + term * bias[k]!, 0));
  });
}

/** A pixel belongs to a part when its centre lies inside the outline; papillary muscles count as cavity, as in ACDC. */
function drawLabels(canvas: Canvas, { right, epicardium, cavity }: HeartOutlines, labels: Uint8Array): void {
  const parts = [
    [right, PHANTOM_LABELS.RV],
    [epicardium, PHANTOM_LABELS.MYO],
    [cavity, PHANTOM_LABELS.LV],
  ] as const;
  for (const [blob, label] of parts) {
    if (!blob) continue;
    eachPixel(canvas, blob, 0, (i, mm) => {
      if (mm <= 0) labels[i] = label;
    });
  }
}

/** Brightness to stored intensity: bias, gamma, noise of a magnitude image. */
function store(values: Float32Array, bias: Float32Array, patient: Patient, random: Random, into: Int16Array): void {
  for (let i = 0; i < values.length; i += 1) {
    const clean = Math.max(0, values[i]!) ** patient.gamma * bias[i]!;
    into[i] = Math.round(FULL_SCALE * Math.abs(clean + patient.noise * random.normal()));
  }
}
