import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs a program and gives the JSON of its last line of output. */
export async function runJson<T>(file: string, parameters: readonly string[]): Promise<T> {
  const { stdout } = await promisify(execFile)(file, [...parameters], { maxBuffer: 2 ** 26 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as T;
}
