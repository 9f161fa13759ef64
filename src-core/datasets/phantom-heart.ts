// The beating heart of the synthetic phantom: outlines of both ventricles for a height along the long axis and a moment
// of the cycle. A drawing with the right shapes and proportions, not a physiological model.
import type { Random } from '../unia/parameters.ts';
import { randomSwings, type Blob, type Swing } from './phantom-canvas.ts';

/** The five groups of ACDC, here only as ranges of the drawing's proportions. */
export const PHANTOM_GROUPS = ['NOR', 'DCM', 'HCM', 'MINF', 'RV'] as const;
export type PhantomGroup = (typeof PHANTOM_GROUPS)[number];

/** Proportions of one patient's heart, lengths in mm at end diastole. */
export interface HeartShape {
  readonly x: number;
  readonly y: number;
  /** Shift of the centre from base to apex. */
  readonly tiltX: number;
  readonly tiltY: number;
  readonly cavityRadius: number;
  readonly wall: number;
  /** Share by which the cavity's radius shrinks at end systole. */
  readonly contraction: number;
  readonly rightSize: number;
  readonly rightContraction: number;
  /** Direction from the left to the right ventricle, radians. */
  readonly septum: number;
  readonly flatness: number;
  readonly leftSwings: readonly Swing[];
  readonly rightSwings: readonly Swing[];
  readonly papillaryAngles: readonly [number, number];
  readonly papillaryRadius: number;
}

/** Outlines at one height and moment. Absent parts do not reach this slice. */
export interface HeartOutlines {
  readonly epicardium?: Blob;
  readonly cavity?: Blob;
  readonly right?: Blob;
  readonly papillaries: readonly Blob[];
  /** Atria, aortic root and pulmonary trunk above the ventricles: as bright as a cavity, never labelled. */
  readonly vessels: readonly Blob[];
}

interface GroupRange {
  readonly cavityRadius: readonly [number, number];
  readonly wall: readonly [number, number];
  readonly contraction: readonly [number, number];
  readonly rightSize: number;
}

const RANGES: Readonly<Record<PhantomGroup, GroupRange>> = {
  NOR: { cavityRadius: [21, 25], wall: [7, 9], contraction: [0.28, 0.36], rightSize: 1 },
  DCM: { cavityRadius: [28, 33], wall: [6.5, 8.5], contraction: [0.08, 0.15], rightSize: 1 },
  HCM: { cavityRadius: [18, 22], wall: [11, 15], contraction: [0.36, 0.46], rightSize: 0.95 },
  MINF: { cavityRadius: [24, 29], wall: [6.5, 9], contraction: [0.12, 0.2], rightSize: 1 },
  RV: { cavityRadius: [19, 23], wall: [7, 9], contraction: [0.26, 0.34], rightSize: 1.25 },
};

/** Radii below which a cavity or a wall is lost between the pixels. */
const SMALLEST_CAVITY_MM = 3;
const SMALLEST_WALL_MM = 5;
/** Heights, base 0 to apex 1, at which the cavity and the right ventricle end. */
const CAVITY_END = 0.94;
const RIGHT_END = 0.84;

/** Draws the proportions of one patient's heart. */
export function randomHeart(random: Random, group: PhantomGroup): HeartShape {
  const range = RANGES[group];
  const between = ([low, high]: readonly [number, number]) => low + (high - low) * random.uniform();
  return {
    x: between([-22, 8]),
    y: between([-12, 12]),
    tiltX: between([0, 12]),
    tiltY: between([-2, 8]),
    cavityRadius: between(range.cavityRadius),
    wall: between(range.wall),
    contraction: between(range.contraction),
    rightSize: range.rightSize * between([0.92, 1.06]),
    rightContraction: between(range.contraction) * 0.8,
    septum: Math.PI + between([-0.35, 0.45]),
    flatness: between([0.9, 1]),
    leftSwings: randomSwings(random, 0.045),
    rightSwings: randomSwings(random, 0.05),
    papillaryAngles: [between([0.5, 1.1]), between([2.1, 2.9])],
    papillaryRadius: between([3.4, 5.4]),
  };
}

/**
 * Contraction over the cycle, 0 at end diastole and 1 at end systole.
 *
 * @param time - share of the cycle since end diastole, [0, 1)
 * @param systole - share of the cycle that contraction takes
 */
export function contractionAt(time: number, systole: number): number {
  if (time <= systole) return (1 - Math.cos((Math.PI * time) / systole)) / 2;
  // Quick filling first, then a pause: the square root brings most of the way back early.
  const filling = Math.sqrt((time - systole) / (1 - systole));
  return (1 + Math.cos(Math.PI * filling)) / 2;
}

/**
 * The heart's outlines in a slice.
 *
 * @param height - of the slice at end diastole: 0 at the base, 1 at the apex, outside of both allowed
 * @param contraction - 0 end diastole, 1 end systole
 */
export function heartOutlines(shape: HeartShape, height: number, contraction: number): HeartOutlines {
  // The base comes down in systole, so a slice near it looks into the atria then.
  const descent = 0.3 * shape.contraction * contraction;
  const h = (height - descent) / (1 - descent);
  const x = shape.x + shape.tiltX * h;
  const y = shape.y + shape.tiltY * h;
  if (h < 0) return { papillaries: [], vessels: vesselsAboveBase(shape, x, y, h) };

  const taper = (end: number) => Math.sqrt(Math.max(0, 1 - (h / end) ** 2.2));
  const cavityAtRest = shape.cavityRadius * taper(CAVITY_END) * (0.9 + 0.1 * Math.sin(Math.PI * h));
  const outerAtRest = (shape.cavityRadius + shape.wall) * taper(1);
  if (outerAtRest < SMALLEST_WALL_MM) return { papillaries: [], vessels: [] };
  const cavityRadius = cavityAtRest * (1 - shape.contraction * contraction);
  // The muscle keeps its area, and a little more as it shortens.
  const muscle = (outerAtRest ** 2 - cavityAtRest ** 2) * (1 + 0.12 * contraction);
  const outerRadius = Math.sqrt(cavityRadius ** 2 + muscle);
  const round = (radius: number, swings: readonly Swing[]): Blob => {
    return { x, y, a: radius, b: radius * shape.flatness, angle: shape.septum, swings };
  };
  const epicardium = round(outerRadius, shape.leftSwings);
  const right = rightVentricle(shape, h, contraction, x, y, outerRadius);
  if (cavityRadius < SMALLEST_CAVITY_MM) return { epicardium, papillaries: [], vessels: [], ...right };
  return {
    epicardium,
    cavity: round(cavityRadius, shape.leftSwings),
    papillaries: papillaries(shape, h, x, y, cavityRadius),
    vessels: [],
    ...right,
  };
}

function rightVentricle(
  shape: HeartShape,
  h: number,
  contraction: number,
  x: number,
  y: number,
  outerRadius: number,
): { right?: Blob } {
  if (h >= RIGHT_END) return {};
  const size = shape.rightSize * Math.sqrt(1 - (h / RIGHT_END) ** 2);
  const radial = outerRadius * 0.92 * size * (1 - shape.rightContraction * contraction);
  const along = outerRadius * 1.12 * size * (1 - 0.4 * shape.rightContraction * contraction);
  const offset = outerRadius * (0.55 + 0.32 * size);
  // Nothing is left once the left ventricle covers it.
  if (offset + radial < outerRadius + SMALLEST_CAVITY_MM) return {};
  return {
    right: {
      x: x + offset * Math.cos(shape.septum),
      y: y + offset * Math.sin(shape.septum),
      a: radial,
      b: along,
      angle: shape.septum,
      swings: shape.rightSwings,
    },
  };
}

function papillaries(shape: HeartShape, h: number, x: number, y: number, cavityRadius: number): Blob[] {
  const size = shape.papillaryRadius * Math.sin(Math.PI * Math.min(1, Math.max(0, (h - 0.15) / 0.65)));
  if (size < 1.2 || cavityRadius < 3 * size) return [];
  return shape.papillaryAngles.map((angle) => ({
    x: x + (cavityRadius - size) * Math.cos(angle),
    y: y + (cavityRadius - size) * Math.sin(angle),
    a: size * 1.25,
    b: size,
    angle,
    swings: [],
  }));
}

function vesselsAboveBase(shape: HeartShape, x: number, y: number, h: number): Blob[] {
  const r = shape.cavityRadius * (0.8 - h);
  const towardsRight = shape.septum;
  const place = (distance: number, direction: number, a: number, b: number): Blob => ({
    x: x + distance * Math.cos(direction),
    y: y + distance * Math.sin(direction),
    a,
    b,
    angle: direction,
    swings: shape.rightSwings,
  });
  return [
    place(r * 0.75, towardsRight + Math.PI * 0.85, r * 0.85, r * 0.95), // left atrium
    place(r * 1.45, towardsRight - 0.35, r * 0.8, r * 1.1), // right atrium
    place(r * 0.45, towardsRight + 0.9, 12.5, 12.5), // aortic root
    place(r * 1.25, towardsRight + 1.25, 13, 11), // pulmonary trunk
  ];
}
