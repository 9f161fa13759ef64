// Files as tables name them: by path, by path without the image folder, or by bare name, with or without extension.

/** What a name in a table stands for. */
export type NamedFile = { readonly kind: 'file'; readonly path: string } | { readonly kind: 'absent' | 'ambiguous' };

/** Looks up files by any of their usual names. */
export type FileNames = (name: string) => NamedFile;

/** Indexes paths under all their names; a name that two files share is ambiguous, a full path never is. */
export function indexFileNames(paths: readonly string[]): FileNames {
  const index = new Map<string, string | null>();
  const exact = new Map(paths.map((path) => [normaliseName(path), path]));
  for (const path of paths) {
    for (const name of new Set(namesOf(path))) index.set(name, index.has(name) ? null : path);
  }
  return (name) => {
    const wanted = normaliseName(name);
    const whole = exact.get(wanted);
    if (whole !== undefined) return { kind: 'file', path: whole };
    const found = index.get(wanted);
    if (found === null) return { kind: 'ambiguous' };
    return found === undefined ? { kind: 'absent' } : { kind: 'file', path: found };
  };
}

/** A file's path without its extension (`.nii.gz` is one). */
export function withoutExtension(path: string): string {
  return path.replace(/(?:\.nii\.gz|\.[^./]+)$/i, '');
}

/** Accents may be stored composed or in parts; both are the same name. */
function normaliseName(name: string): string {
  return name
    .replaceAll('\\', '/')
    .replace(/^(?:\.\/)+/, '')
    .normalize('NFC');
}

/** Every ending of the path that begins at a folder, with and without extension. */
function namesOf(path: string): string[] {
  const parts = normaliseName(path).split('/');
  const endings = parts.map((_, start) => parts.slice(start).join('/'));
  return endings.flatMap((ending) => [ending, withoutExtension(ending)]);
}
