import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unia } from './command-line.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unia demo ü '));
});
afterAll(() => rm(folder, { recursive: true }));

const SMALL = ['--patients', '5', '--slices', '2', '--iterations', '2'];
const demo = (out: string, ...more: string[]) => unia(['demo', '--out', out, ...SMALL, ...more]);

describe('unia demo', () => {
  it(
    'draws, imports, trains, predicts, measures and exports; then keeps what is done',
    { timeout: 300_000 },
    async () => {
      const out = join(folder, 'demo');
      const first = await demo(out);
      expect(first.stderr).toContain('6/6 Export');
      expect(first.code, first.stderr).toBe(0);
      for (const mask of ['plain CAM', 'P1 ', 'P2 ', 'P3 ', 'P  ', 'segmentation'])
        expect(first.stdout).toContain(mask);
      expect(first.stdout).toContain('montage.png');
      expect(first.stdout).toMatch(/What to run next:\n {2}npm start -- .*\n {2}npx unia evaluate/);
      const { format, width, height } = await sharp(join(out, 'montage.png')).metadata();
      expect({ format, wide: width > 1000, high: height > 200 }).toEqual({ format: 'png', wide: true, high: true });
      for (const file of ['network/model.onnx', 'network/model.json', 'masks/manifest.json', 'evaluation.json']) {
        expect(existsSync(join(out, file)), file).toBe(true);
      }

      const second = await demo(out, '--json');
      expect(second.code, second.stderr).toBe(0);
      expect(second.stderr).toContain('3/6 Train on the tags (done before)');
      const result = JSON.parse(second.stdout) as { run: string; evaluation: { sources: { source: string }[] } };
      expect(result.run).toBe('run-001');
      expect(result.evaluation.sources.map(({ source }) => source)).toContain('segmentation');

      await writeFile(join(out, 'notes.txt'), 'mine');
      const foreign = await demo(out, '--again');
      expect(foreign.code).toBe(1);
      expect(foreign.stderr).toContain('holds notes.txt, which no demo wrote, so it is not replaced');
      expect(existsSync(join(out, 'network/model.onnx'))).toBe(true);
    },
  );

  it('touches no folder that it did not make', { timeout: 60_000 }, async () => {
    const out = join(folder, 'thesis');
    await mkdir(out);
    await writeFile(join(out, 'chapter.txt'), 'work of years');
    for (const options of [[], ['--again']]) {
      const { code, stderr } = await demo(out, ...options);
      expect(code).toBe(1);
      expect(stderr).toMatch(/is not empty and no demo made it\nChoose another folder with: --out DIR/);
    }
    expect(await readFile(join(out, 'chapter.txt'), 'utf8')).toBe('work of years');
  });
});
