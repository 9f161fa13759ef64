/** "1 file", "3 files", and with a verb "1 file has", "3 files have": a number of things that take an s. */
export function counted(count: number, what: string, verb?: 'is' | 'has'): string {
  const plural = verb === 'is' ? 'are' : 'have';
  const does = verb === undefined ? '' : ` ${count === 1 ? verb : plural}`;
  return `${count} ${what}${count === 1 ? '' : 's'}${does}`;
}
