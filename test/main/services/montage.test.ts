import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawMontage } from '../../../src-core/review/montage.ts';
import { writeMontage } from '../../../src-main/services/montage.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unia-montage-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('a written montage', () => {
  it('is a PNG with exactly the drawn pixels, in a folder that is made for it', async () => {
    const rows = [
      {
        title: 'item',
        image: { width: 8, height: 8, channels: 1 as const, data: Float32Array.from({ length: 64 }, (_, i) => i / 64) },
        mask: { width: 8, height: 8, data: Uint8Array.from({ length: 64 }, (_, i) => i % 3) },
      },
    ];
    const file = join(folder, 'deep', 'montage.png');
    await writeMontage(file, rows, ['RV', 'LV']);
    const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const drawn = drawMontage(rows, ['RV', 'LV']);
    expect([info.width, info.height, info.channels]).toEqual([drawn.width, drawn.height, 3]);
    expect(data.equals(drawn.data)).toBe(true);
  });
});
