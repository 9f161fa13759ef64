// What surrounds the heart in the synthetic phantom: chest wall, lung, liver, stomach, spleen, bowel, aorta. Several of them
// are as bright and as round as a ventricle, so that brightness or shape alone does not find the heart.
import type { Random } from '../unia/parameters.ts';
import { grown, paint, randomSwings, smoothNoise, type Blob, type Canvas, type Ink } from './phantom-canvas.ts';
import type { HeartOutlines, HeartShape } from './phantom-heart.ts';

/** Brightness of the tissues of one patient, about 0..1. */
export interface Tissues {
  readonly blood: number;
  readonly rightBlood: number;
  readonly muscle: number;
  readonly fat: number;
  readonly lung: number;
  readonly liver: number;
  readonly stomach: number;
  readonly spleen: number;
}

/** An organ: its outline at the height of the base, how it moves and grows towards the apex, and its filling. */
interface Organ {
  readonly blob: Blob;
  /** mm per unit of height. */
  readonly drift: readonly [number, number];
  readonly growth: number;
  readonly level: number;
  readonly strength: number;
  /** Thickness and level of a wall around it, if any. */
  readonly wall?: { readonly mm: number; readonly level: number };
}

/** The surroundings of one patient's heart. */
export interface Body {
  readonly tissues: Tissues;
  readonly outline: Blob;
  readonly fatMm: number;
  readonly chestMm: number;
  readonly organs: readonly Organ[];
  readonly lungVessels: readonly Blob[];
}

/** Width of the dark line that balanced SSFP draws where fat meets water, mm. */
const INK_LINE_MM = 2.2;

/** Draws one patient's surroundings. */
export function randomBody(random: Random): Body {
  const between = (low: number, high: number) => low + (high - low) * random.uniform();
  const tissues: Tissues = {
    blood: between(0.72, 0.95),
    rightBlood: between(0.62, 0.88),
    muscle: between(0.2, 0.34),
    fat: between(0.75, 1),
    lung: between(0.04, 0.09),
    liver: between(0.22, 0.4),
    stomach: [0.2, 0.55, 0.85][Math.floor(3 * random.uniform())]! * between(0.9, 1.1),
    spleen: between(0.35, 0.55),
  };
  const blob = (x: number, y: number, a: number, b: number, angle: number, swing: number): Blob => ({
    x: x + between(-7, 7),
    y: y + between(-7, 7),
    a: a * between(0.85, 1.15),
    b: b * between(0.85, 1.15),
    angle: angle + between(-0.3, 0.3),
    swings: randomSwings(random, swing),
  });
  const outline = blob(4, 4, 116, 132, 0, 0.05);
  const organs: Organ[] = [
    { blob: blob(-42, 74, 62, 40, 0.35, 0.1), drift: [6, -16], growth: 0.15, level: tissues.liver, strength: 0.08 },
    {
      blob: blob(46, 66, 30, 23, 0.3, 0.12),
      drift: [-4, -20],
      growth: 0.25,
      level: tissues.stomach,
      strength: 0.18,
      wall: { mm: 4, level: tissues.muscle },
    },
    { blob: blob(82, 52, 17, 28, 0.2, 0.12), drift: [0, -8], growth: 0.2, level: tissues.spleen, strength: 0.08 },
    // The descending aorta: a bright disc in a thin wall.
    {
      blob: blob(38, 44, 11.5, 11.5, 0, 0.02),
      drift: [2, 2],
      growth: -0.05,
      level: tissues.blood,
      strength: 0.05,
      wall: { mm: 2, level: tissues.muscle },
    },
    // The inferior vena cava.
    { blob: blob(-12, 52, 10, 8, 0.3, 0.05), drift: [0, 4], growth: 0, level: tissues.rightBlood, strength: 0.06 },
    ...bowel(random, tissues, blob),
    ...liverVessels(random, tissues),
  ];
  const lungVessels = Array.from({ length: 10 + Math.floor(14 * random.uniform()) }, (): Blob => {
    const r = between(0.8, 2.6);
    return { x: between(-60, 75), y: between(-85, 25), a: r, b: r * between(1, 2.4), angle: between(0, 3), swings: [] };
  });
  return { tissues, outline, fatMm: between(7, 20), chestMm: between(7, 12), organs, lungVessels };
}

/** Loops of bowel: rings that resemble a cross-section of the left ventricle, bright inside a dark wall. */
function bowel(
  random: Random,
  tissues: Tissues,
  blob: (x: number, y: number, a: number, b: number, angle: number, swing: number) => Blob,
): Organ[] {
  return Array.from({ length: 2 + Math.floor(3 * random.uniform()) }, (_, i) => ({
    blob: blob(10 + 24 * i, 92 - 8 * (i % 2), 11, 9, 0, 0.15),
    drift: [0, -16] as const,
    growth: 0.3,
    level: random.uniform() < 0.6 ? tissues.blood * 0.9 : 0.12,
    strength: 0.2,
    wall: { mm: 3.5, level: random.uniform() < 0.7 ? tissues.muscle : tissues.fat },
  }));
}

function liverVessels(random: Random, tissues: Tissues): Organ[] {
  return Array.from({ length: 5 + Math.floor(5 * random.uniform()) }, () => ({
    blob: {
      x: -80 + 70 * random.uniform(),
      y: 58 + 40 * random.uniform(),
      a: 1.5 + 2.5 * random.uniform(),
      b: 2 + 5 * random.uniform(),
      angle: Math.PI * random.uniform(),
      swings: [],
    },
    drift: [4, -8] as const,
    growth: 0,
    level: tissues.rightBlood * 0.85,
    strength: 0,
  }));
}

/** Paints the surroundings of a slice; they stay while the heart beats, as in one breath-hold. */
export function paintBody(canvas: Canvas, body: Body, heart: HeartShape, height: number, random: Random): void {
  const { tissues, outline } = body;
  const coarse = smoothNoise(random, canvas.size, 11);
  const fine = smoothNoise(random, canvas.size, 3);
  const ink = (level: number, strength: number, texture = fine): Ink => ({ level, strength, texture });

  paint(canvas, outline, ink(tissues.fat, 0.07, coarse));
  paint(canvas, grown(outline, -body.fatMm), ink(tissues.muscle, 0.3), INK_LINE_MM);
  paint(canvas, grown(outline, -body.fatMm - body.chestMm * 0.55), ink(tissues.fat * 0.6, 0.45, coarse), INK_LINE_MM);
  paint(canvas, grown(outline, -body.fatMm - body.chestMm), ink(tissues.lung, 0.3));
  for (const vessel of body.lungVessels) paint(canvas, vessel, ink(tissues.rightBlood * 0.6, 0.3, coarse));
  // Fat below the diaphragm and around the heart, more of it towards the apex.
  const fold: Blob = { x: 0, y: 96 - 16 * height, a: 108, b: 46, angle: 0, swings: outline.swings };
  paint(canvas, fold, ink(tissues.fat * 0.55, 0.4, coarse), 4);
  for (const organ of body.organs) paintOrgan(canvas, organ, height, ink);
  // Fat around the ventricles; it follows their taper and outlives them by a little.
  const taper = Math.sqrt(Math.max(0.03, 1 - Math.max(0, height / 1.08) ** 2.2));
  const radius = (heart.cavityRadius + heart.wall) * taper;
  const sac: Blob = {
    x: heart.x + heart.tiltX * height - 0.42 * radius,
    y: heart.y + heart.tiltY * height + 3,
    a: radius * 1.55 + 4,
    b: radius * 1.18 + 3,
    angle: 0.2,
    swings: heart.rightSwings,
  };
  paint(canvas, grown(sac, INK_LINE_MM), ink(0.08, 0.2));
  paint(canvas, sac, ink(tissues.fat * 0.45, 0.6, coarse), 3);
}

function paintOrgan(canvas: Canvas, organ: Organ, height: number, ink: (level: number, strength: number) => Ink): void {
  const scale = 1 + organ.growth * height;
  const blob = {
    ...organ.blob,
    x: organ.blob.x + organ.drift[0] * height,
    y: organ.blob.y + organ.drift[1] * height,
    a: organ.blob.a * scale,
    b: organ.blob.b * scale,
  };
  const wall = organ.wall?.mm ?? 0;
  paint(canvas, grown(blob, wall + INK_LINE_MM), ink(0.1, 0.2), INK_LINE_MM);
  if (organ.wall) paint(canvas, grown(blob, wall), ink(organ.wall.level, 0.1));
  paint(canvas, blob, ink(organ.level, organ.strength));
}

/** Paints the heart at one moment over its surroundings. */
export function paintHeart(canvas: Canvas, outlines: HeartOutlines, tissues: Tissues, flow: Float32Array): void {
  const muscle: Ink = { level: tissues.muscle, texture: flow, strength: 0.06 };
  const blood: Ink = { level: tissues.blood, texture: flow, strength: 0.07 };
  const rightBlood: Ink = { level: tissues.rightBlood, texture: flow, strength: 0.1 };
  for (const vessel of outlines.vessels) {
    paint(canvas, grown(vessel, 2.5), muscle);
    paint(canvas, vessel, rightBlood);
  }
  if (outlines.right) {
    paint(canvas, grown(outlines.right, 3.2), muscle);
    paint(canvas, outlines.right, rightBlood);
  }
  if (outlines.epicardium) {
    paint(canvas, grown(outlines.epicardium, 1), { level: 0.12 });
    paint(canvas, outlines.epicardium, muscle);
  }
  if (outlines.cavity) paint(canvas, outlines.cavity, blood, 2.5);
  for (const papillary of outlines.papillaries) paint(canvas, papillary, muscle);
}
