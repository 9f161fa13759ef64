import type { Engine } from '../../src-core/compile/index.ts';

/** The engine of `--engine`; for `auto` the fastest one measured, which is said on standard error unless quiet. */
export async function openEngine(name: string, quiet: boolean): Promise<Engine> {
  const { startEngine } = await import('../engines/catalogue.ts');
  if (name !== 'auto') return startEngine(name);
  const { chooseEngine } = await import('../engines/choose.ts');
  const { engine, report } = await chooseEngine();
  if (!quiet) process.stderr.write(`${report}\n`);
  return engine;
}
