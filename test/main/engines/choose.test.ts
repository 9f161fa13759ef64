import { describe, expect, it } from 'vitest';
import { startEngine } from '../../../src-main/engines/catalogue.ts';
import { chooseEngine, fastestOf, probeEngines } from '../../../src-main/engines/choose.ts';

const entry = (name: string) => ({ name, remedy: `Install ${name}.` });

describe('choosing an engine', () => {
  it('measures each that starts, takes the fastest and says so', async () => {
    const { engine, report, probes } = await chooseEngine({
      catalogue: ['tfjs:wasm', 'onnxruntime:cpu', 'no:such'].map(entry),
    });
    expect(engine.name).toBe(fastestOf(probes)!.name);
    expect(report).toMatch(
      /^Engine: onnxruntime:cpu \(.+\), the fastest .* tfjs:wasm \d+ ms, onnxruntime:cpu \d+ ms\.$/,
    );
    expect(probes[2]).toMatchObject({ name: 'no:such', remedy: 'Install no:such.' });
  });

  it('gives up on an engine that takes too long', async () => {
    const [probe] = await probeEngines({ catalogue: [entry('tfjs:cpu')], limitMilliseconds: 50 });
    expect(probe).toMatchObject({ name: 'tfjs:cpu', cause: 'did not start within 0 s' });
  });

  it('lists the causes when none starts', async () => {
    await expect(chooseEngine({ catalogue: [entry('no:such')] })).rejects.toThrow(
      /^No engine starts:\n {2}no:such: Unknown engine "no:such".*Install no:such\.$/s,
    );
  });

  it('does not replace an engine asked for by name', async () => {
    await expect(startEngine('tfjs:node')).rejects.toThrow(
      /The engine tfjs:node does not start\. It downloads TensorFlow/,
    );
  });
});
