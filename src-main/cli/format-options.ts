// Flags and help of the export formats, made from the list that the app's Export screen is made from.
import { InvalidArgumentError, Option, type Command } from 'commander';
import { EXPORT_FORMATS, type ExportFormatFacts } from '../../src-core/datasets/formats/export-formats.ts';
import { expectation, type ExportOption, type SettingValue } from '../../src-core/datasets/formats/export-options.ts';

/** Options of one name, whichever formats have it. */
interface SharedOption {
  readonly name: string;
  readonly formats: readonly string[];
  readonly option: ExportOption;
}

/** A flag for every option of any format. */
export function addFormatOptions(command: Command): void {
  for (const shared of sharedOptions()) command.addOption(flagOf(shared));
}

/** A section of the help that names every format and what it is for. */
export function addFormatList(command: Command): void {
  const facts = Object.entries<ExportFormatFacts>(EXPORT_FORMATS);
  const width = Math.max(...facts.map(([name]) => name.length));
  const lines = facts.map(([name, { title, description }]) => `  ${name.padEnd(width)}  ${title}: ${description}.`);
  command.addHelpText('after', `\nFormats:\n${lines.join('\n')}`);
}

/** The options that were given on the command line. */
export function formatSettings(command: Command): Record<string, SettingValue> {
  const given = sharedOptions().filter(({ name }) => command.getOptionValueSource(name) === 'cli');
  // Each flag's parser gives a value of its option's kind.
  return Object.fromEntries(given.map(({ name }) => [name, command.getOptionValue(name) as SettingValue]));
}

function sharedOptions(): SharedOption[] {
  const formats = Object.entries<ExportFormatFacts>(EXPORT_FORMATS);
  const names = new Set(formats.flatMap(([, { options }]) => Object.keys(options)));
  return [...names].map((name) => {
    const having = formats.filter(([, { options }]) => options[name]);
    return { name, formats: having.map(([format]) => format), option: having[0]![1].options[name]! };
  });
}

function flagOf({ name, formats, option }: SharedOption): Option {
  const dashed = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const about = `${option.title} (${formats.join(', ')})`;
  if (option.kind === 'switch') return new Option(option.default ? `--no-${dashed}` : `--${dashed}`, about);
  const meanings =
    option.kind === 'choice'
      ? `: ${Object.entries(option.choices)
          .map(([value, meaning]) => `${value} = ${meaning}`)
          .join(', ')}`
      : '';
  const flag = new Option(`--${dashed} <value>`, `${about}${meanings} (default: ${option.default})`);
  return flag.argParser((text: string) => parseSetting(option, text));
}

function parseSetting(option: ExportOption, text: string): SettingValue {
  const value = option.kind === 'number' && text.trim() !== '' ? Number(text) : text;
  const expected = expectation(option, value);
  if (expected !== undefined) throw new InvalidArgumentError(`Expected ${expected}, got "${text}".`);
  return value;
}
