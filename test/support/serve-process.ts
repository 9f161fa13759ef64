// The real `unia serve` in a process of its own, as a person starts it and as a power cut ends it.
import { onTestFinished } from 'vitest';
import { spawnServe, type ServeProcess } from './spawn-serve.ts';

/** Starts the server with a person's home folder of its own and waits for its address; it ends with the test. */
export async function startServe(home: string, args: readonly string[] = []): Promise<ServeProcess> {
  const served = await spawnServe(home, args);
  onTestFinished(() => served.end());
  return served;
}
