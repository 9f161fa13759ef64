import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import sharp from 'sharp';
import { drawMontage, type MontageRow } from '../../src-core/review/montage.ts';

export type { MontageRow } from '../../src-core/review/montage.ts';

/** Writes a PNG with a row for each item: image, truth, CAM, mask and uncertainty, as far as there are any. */
export async function writeMontage(
  file: string,
  rows: readonly MontageRow[],
  classes: readonly string[],
): Promise<void> {
  const { data, width, height } = drawMontage(rows, classes);
  await mkdir(dirname(file), { recursive: true });
  await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(file);
}
