import { inspect } from 'node:util';

/** "Cannot read x: no such file", from an error and its causes, none said twice. */
export function errorText(error: unknown): string {
  const said: string[] = [];
  for (let next: unknown = error; next !== undefined; next = next instanceof Error ? next.cause : undefined) {
    const message = next instanceof Error ? next.message : inspect(next);
    if (message && !said.some((earlier) => earlier.includes(message))) said.push(message);
  }
  return said.map((message, i) => (i < said.length - 1 ? message.replace(/[.:]$/, '') : message)).join(': ');
}
