// What export formats share in naming files and writing small texts.
import type { PlannedFile } from './format.ts';

/** An id as a relative path that every file system takes. Sub-folders are kept; what leads out of the folder is not. */
export function safePath(id: string): string {
  return id
    .split(/[\\/]+/)
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .map((part) => part.replace(FORBIDDEN, '_').replace(/[. ]+$/, '_'))
    .join('/');
}

/** JSON as a planned file. */
export function jsonFile(path: string, content: unknown): PlannedFile {
  return { path, facts: {}, produce: () => Promise.resolve(encodeJson(content)) };
}

/** A text as a planned file. */
export function textFile(path: string, text: string): PlannedFile {
  return { path, facts: {}, produce: () => Promise.resolve(encodeText(text)) };
}

/** JSON that people can read. */
export function encodeJson(content: unknown): Uint8Array {
  return encodeText(`${JSON.stringify(content, undefined, 2)}\n`);
}

export function encodeText(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Characters that Windows does not allow in names, control characters among them. */
const FORBIDDEN = /[<>:"|?*\u0000-\u001f]/g;
