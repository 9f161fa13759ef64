import { afterAll, describe, expect, it } from 'vitest';
import { float32, type Engine, type Program } from '../../../src-core/compile/index.ts';
import { add, mul, sum } from '../../../src-core/tensor/index.ts';
import { startEngine } from '../../../src-main/engines/catalogue.ts';
import { webgpuDriver } from './webgpu-driver.ts';

const driver = webgpuDriver();
if ('missing' in driver) console.info(`skipped on WebGPU: ${driver.missing}`);
else process.env['VK_ICD_FILENAMES'] = driver.file;

/** A running sum with a factor that no run changes. */
const running: Program = {
  name: 'running sum',
  inputs: { x: { shape: [2], dtype: 'float32' } },
  state: { total: { shape: [2], dtype: 'float32' }, factor: { shape: [], dtype: 'float32' } },
  run: ({ x }, { total, factor }) => {
    const next = add(total!, mul(x!, factor!));
    return { outputs: { sum: sum(next) }, state: { total: next } };
  },
};
const start = () => ({ total: float32([2], [1, 2]), factor: float32([], [2]) });
const input = { x: float32([2], [1, 10]) };

const engines = ['onnxruntime:cpu', 'tfjs:wasm', 'tfjs:cpu', ...('file' in driver ? ['onnxruntime:webgpu'] : [])];

describe.each(engines)('programs with state on %s', (name) => {
  const started: Engine[] = [];
  const engineOf = async (): Promise<Engine> => (started[0] ??= await startEngine(name));
  afterAll(() => Promise.all(started.map((engine) => engine.dispose())));

  it('carry their state from run to run', async () => {
    const engine = await engineOf();
    const program = await engine.compile(running);
    const state = await engine.allocate(start());
    const sums: number[] = [];
    for (let i = 0; i < 4; i++) sums.push((await program.run(input, state))['sum']!.data[0]!);
    expect(sums).toEqual([25, 47, 69, 91]);
    expect(await state.read()).toEqual({ total: float32([2], [9, 82]), factor: float32([], [2]) });
    expect(Object.keys(await state.read(['factor']))).toEqual(['factor']);
    await program.dispose();
    await state.dispose();
  });

  it('keep two states apart, and give copies that later runs leave alone', async () => {
    const engine = await engineOf();
    const program = await engine.compile(running);
    const [a, b] = [await engine.allocate(start()), await engine.allocate(start())];
    await program.run(input, a);
    const early = await a.read();
    await program.run(input, a);
    await program.run(input, a);
    expect([...early['total']!.data]).toEqual([3, 22]);
    expect([...(await b.read())['total']!.data]).toEqual([1, 2]);
    await program.dispose();
    await a.dispose();
    await b.dispose();
  });

  it('go on from written values, and after the program that made them is gone', async () => {
    const engine = await engineOf();
    const state = await engine.allocate(start());
    const first = await engine.compile(running);
    await first.run(input, state);
    await state.write({ factor: float32([], [1]) });
    await first.run(input, state);
    await first.dispose();
    const second = await engine.compile(running);
    await second.run(input, state);
    expect([...(await state.read())['total']!.data]).toEqual([5, 42]);
    await second.dispose();
    await state.dispose();
  });

  it('refuse values of another shape and names that are not held', async () => {
    const state = await (await engineOf()).allocate(start());
    await expect(state.write({ total: float32([3], [1, 2, 3]) })).rejects.toThrow(
      'state "total": expected shape (2), got (3)',
    );
    await expect(state.write({ other: float32([], [1]) })).rejects.toThrow('state "other" is not allocated');
    await expect(state.read(['other'])).rejects.toThrow('state "other" is not allocated');
    await state.dispose();
  });

  it('refuse inputs that are missing, misshapen or unknown', async () => {
    const engine = await engineOf();
    const program = await engine.compile(running);
    const state = await engine.allocate(start());
    await expect(program.run({}, state)).rejects.toThrow('running sum: input "x" is missing');
    await expect(program.run({ x: float32([3], [1, 2, 3]) }, state)).rejects.toThrow(
      'running sum: input "x" expected float32 (2), got float32 (3)',
    );
    await expect(program.run({ ...input, y: input.x }, state)).rejects.toThrow('running sum: unknown input "y"');
    await program.dispose();
    await state.dispose();
  });
});
