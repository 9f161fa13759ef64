import { describe, expect, it } from 'vitest';
import type { Diagnosis } from '../../../src-main/services/doctor.ts';
import { unia } from './command-line.ts';

/** No Vulkan driver, so that a software one is not measured here. */
const NO_DRIVER = { VK_ICD_FILENAMES: '/nowhere.json' };

describe('unia doctor', () => {
  it('gives the machine, measured engines and the remedy for each that is missing as JSON', async () => {
    const { code, stdout, stderr } = await unia(['doctor', '--json', '--limit', '25'], NO_DRIVER);
    expect(code, stderr).toBe(0);
    const { machine, engines, fastest } = JSON.parse(stdout) as Diagnosis;
    expect(machine).toMatchObject({ node: process.versions.node, processor: expect.stringMatching(/./) as string });
    expect(machine.memoryBytes).toBeGreaterThan(machine.freeMemoryBytes);
    const byName = new Map(engines.map((engine) => [engine.name, engine]));
    expect([...byName.keys()]).toEqual(expect.arrayContaining(['onnxruntime:cpu', 'onnxruntime:webgpu', 'tfjs:wasm']));
    expect(byName.get('onnxruntime:cpu')?.stepMilliseconds).toBeGreaterThan(0);
    expect(byName.get('onnxruntime:webgpu')).toMatchObject({
      cause: expect.stringContaining('adapter') as string,
      remedy: expect.stringContaining('driver') as string,
    });
    const measured = engines.filter((engine) => engine.stepMilliseconds !== undefined);
    const shortest = Math.min(...measured.map((engine) => engine.stepMilliseconds!));
    expect(byName.get(fastest!)?.stepMilliseconds).toBe(shortest);
    for (const engine of engines) {
      if (engine.device === undefined) expect(engine, engine.name).toHaveProperty('remedy');
    }
  }, 180_000);

  it('refuses a time limit that is none', async () => {
    const { code, stderr } = await unia(['doctor', '--limit', 'soon']);
    expect(code).toBe(2);
    expect(stderr).toContain('Expected a number above 0, got "soon"');
  });
});
