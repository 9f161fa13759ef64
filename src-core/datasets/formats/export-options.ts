// Options of export formats as plain data: the Export screen draws them, the command line makes flags of them, and both are
// checked by the same few lines.

/** Yes or no. */
export interface SwitchOption {
  readonly kind: 'switch';
  /** A few words, such as a label shows. */
  readonly title: string;
  readonly default: boolean;
}

/** One of a few. */
export interface ChoiceOption {
  readonly kind: 'choice';
  readonly title: string;
  /** Value → what it means. */
  readonly choices: Readonly<Record<string, string>>;
  readonly default: string;
}

/** A number between two others. */
export interface NumberOption {
  readonly kind: 'number';
  readonly title: string;
  readonly least: number;
  readonly most: number;
  readonly whole: boolean;
  readonly default: number;
}

/** A short text. */
export interface TextOption {
  readonly kind: 'text';
  readonly title: string;
  readonly default: string;
}

export type ExportOption = SwitchOption | ChoiceOption | NumberOption | TextOption;

export type SettingValue = boolean | number | string;

/** The values of options, by name. */
export type SettingsFor<Options> = { readonly [Name in keyof Options]: ValueOf<Options[Name]> };

type ValueOf<Option> = Option extends { kind: 'switch' }
  ? boolean
  : Option extends { kind: 'number' }
    ? number
    : Option extends { kind: 'choice'; choices: infer Choices }
      ? keyof Choices & string
      : string;

/** Every option with the value given or its default. Throws at an unknown name or a value that does not fit. */
export function checkSettings<Options extends Readonly<Record<string, ExportOption>>>(
  format: string,
  options: Options,
  given: Readonly<Record<string, SettingValue>>,
): SettingsFor<Options> {
  const names = Object.keys(options);
  for (const [name, value] of Object.entries(given)) {
    const option = options[name];
    if (!option) {
      const known = names.length === 0 ? 'it has none' : `its options are ${names.join(', ')}`;
      throw new Error(`format ${format}: no option is called "${name}"; ${known}`);
    }
    const expected = expectation(option, value);
    if (expected !== undefined) throw new Error(`${name}: expected ${expected}, got ${JSON.stringify(value)}`);
  }
  // Each value has just been checked against its option.
  return Object.fromEntries(names.map((name) => [name, given[name] ?? options[name]!.default])) as SettingsFor<Options>;
}

/** What a value should have been; undefined where it fits. */
export function expectation(option: ExportOption, value: SettingValue): string | undefined {
  switch (option.kind) {
    case 'switch':
      return typeof value === 'boolean' ? undefined : 'true or false';
    case 'choice':
      return Object.hasOwn(option.choices, String(value))
        ? undefined
        : `one of ${Object.keys(option.choices).join(', ')}`;
    case 'text':
      return typeof value === 'string' && value.trim() !== '' ? undefined : 'a text';
    case 'number': {
      const { least, most, whole } = option;
      const fits = typeof value === 'number' && value >= least && value <= most && (!whole || Number.isInteger(value));
      return fits ? undefined : `a ${whole ? 'whole ' : ''}number from ${least} to ${most}`;
    }
  }
}
