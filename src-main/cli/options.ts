import { InvalidArgumentError, type Command } from 'commander';

/** Parser of an option that counts something: a whole number from `least` on. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least || text.trim() === '') {
      throw new InvalidArgumentError(`Expected a whole number from ${least} on, got "${text}".`);
    }
    return value;
  };
}

/** Parser of an option that is a positive number, such as minutes. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError(`Expected a number above 0, got "${text}".`);
  }
  return value;
}

/** Parser of a share: 0 up to, not including, 1. */
export function share(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0 || value >= 1 || text.trim() === '') {
    throw new InvalidArgumentError(`Expected a share from 0 up to 1, such as 0.1, got "${text}".`);
  }
  return value;
}

/** Parser of a comma-separated list of names, in their order. */
export function nameList(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.some((name) => name === '')) {
    throw new InvalidArgumentError(`Expected names separated by commas, such as RV,MYO,LV, got "${text}".`);
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new InvalidArgumentError(`"${twice}" stands in the list twice.`);
  return names;
}

/** Parser of a repeatable `key=value`; a value keeps what follows the first "=". */
export function keyValue(text: string, earlier: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at <= 0) throw new InvalidArgumentError(`Expected key=value, got "${text}".`);
  return { ...earlier, [text.slice(0, at)]: text.slice(at + 1) };
}

/** The section of a command's help that shows it in use: pairs of a command line and what it does. */
export function addExamples(
  command: Command,
  examples: readonly (readonly [line: string, meaning: string])[],
): Command {
  const lines = examples.map(([line, meaning]) => `  $ ${line}\n      ${meaning}`);
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}
