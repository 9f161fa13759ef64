// Colours as DICOM recommends them for segments: CIELab under D50, each component in 16 bits (PS3.3 C.10.7.1.1).
import type { PaletteColour } from './indexed-png.ts';

/** sRGB to XYZ, adapted to D50 (ICC). */
const TO_XYZ = [
  [0.4361, 0.3851, 0.1431],
  [0.2225, 0.7169, 0.0606],
  [0.0139, 0.0971, 0.7141],
] as const;
/** Of the matrix itself, so that greys come out without colour. */
const WHITE = TO_XYZ.map(([red, green, blue]) => red + green + blue);

/** L, a and b of an sRGB colour, 0..65535 each. */
export function cielabOf(colour: PaletteColour): readonly [number, number, number] {
  const linear = colour.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const [x, y, z] = TO_XYZ.map((row, axis) =>
    compress(row.reduce((sum, factor, channel) => sum + factor * linear[channel]!, 0) / WHITE[axis]!),
  ) as [number, number, number]; // three rows
  const scale = (value: number, low: number, high: number): number =>
    Math.round(65535 * Math.min(1, Math.max(0, (value - low) / (high - low))));
  return [scale(116 * y - 16, 0, 100), scale(500 * (x - y), -128, 127), scale(200 * (y - z), -128, 127)];
}

function compress(share: number): number {
  return share > (6 / 29) ** 3 ? Math.cbrt(share) : share / (3 * (6 / 29) ** 2) + 4 / 29;
}
