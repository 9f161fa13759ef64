// The affinity of one image's tokens, as the walk of the pseudo masks uses it: for tools that spread what a person drew.
import { float32, type Engine, type EngineState } from '../compile/index.ts';
import { nearAffinity, type ItemAffinity } from '../review/token-walk.ts';
import { affinityOf, needsAttention, runNetwork } from '../unia/network.ts';
import type { TrainingConfig } from './config.ts';

/** Reads the affinity of prepared squares, one at a time. */
export interface AffinityReader {
  /** @param image - normalised, `(3, side, side)` */
  read(image: Float32Array): Promise<Pick<ItemAffinity, 'grid' | 'near'>>;
  dispose(): Promise<void>;
}

/** Compiles one pass of a network for single images. */
export async function createAffinityReader(
  engine: Engine,
  state: EngineState,
  config: TrainingConfig,
  shapes: Readonly<Record<string, readonly number[]>>,
): Promise<AffinityReader> {
  const { side } = config.data;
  const image = { shape: [1, 3, side, side], dtype: 'float32' as const };
  let grid: readonly [number, number] = [0, 0];
  const program = await engine.compile({
    name: 'token affinity',
    inputs: { image },
    state: Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [name, { shape, dtype: 'float32' as const }]),
    ),
    run(inputs, parameters) {
      const output = runNetwork(parameters, inputs['image']!, config, needsAttention(config));
      grid = output.encoded.grid;
      return { outputs: { affinity: affinityOf(parameters, output, config) } };
    },
  });
  return {
    async read(pixels) {
      const { affinity } = await program.run({ image: float32(image.shape, pixels) }, state);
      return { grid, near: nearAffinity(grid, affinity!.data as Float32Array) }; // as it was declared
    },
    dispose: () => program.dispose(),
  };
}
