// "1=RV, 2=MYO" as a person writes it.

/** Names by mask value; undefined where the text is not of this form. */
export function namesOfValues(text: string): Record<string, string> | undefined {
  const names: Record<string, string> = {};
  for (const part of text.split(/[,;\n]/).map((each) => each.trim())) {
    if (part === '') continue;
    const [, value, name] = /^(\d+)\s*=\s*(\S.*)$/.exec(part) ?? [];
    if (value === undefined || name === undefined) return undefined;
    names[value] = name;
  }
  return names;
}

export function valuesOfNames(names: Readonly<Record<string, string>>): string {
  return Object.entries(names)
    .map(([value, name]) => `${value}=${name}`)
    .join(', ');
}
