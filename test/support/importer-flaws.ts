// What can be wrong with the files of a source, and the small files that sources are made of.
import { readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { encodeIndexedPng } from '../../src-core/datasets/codecs/indexed-png.ts';
import { VOC_PALETTE } from '../../src-core/datasets/codecs/voc.ts';
import { put } from './source-folders.ts';

/** Something wrong with a source. */
export interface Flaw {
  readonly title: string;
  readonly spoil: (this: void, source: string) => void;
  /** What is told of it, as `file: expected ..., found ...`. */
  readonly told: RegExp;
  /** Items that are imported nevertheless. */
  readonly items: number;
}

export interface ImporterSource {
  readonly write: (this: void, source: string) => void | Promise<void>;
  readonly items: number;
  readonly flaws: readonly Flaw[];
}

export const [WIDTH, HEIGHT] = [8, 6];
export const MASK = {
  width: WIDTH,
  height: HEIGHT,
  data: Uint8Array.from({ length: 48 }, (_, at) => (at % 8 < 3 ? 1 : 0)),
};
export const PNG = encode({ width: WIDTH, height: HEIGHT, data: new Uint8Array(48).fill(9), channels: 1, depth: 8 });
export const LABELS = encodeIndexedPng(MASK, VOC_PALETTE);
export const SMALL_LABELS = encodeIndexedPng({ width: 4, height: 4, data: new Uint8Array(16) }, VOC_PALETTE);
export const NAMES = ['a', 'b', 'c'];

export function putAll(source: string, names: readonly string[], bytes: Uint8Array | string): void {
  for (const name of names) put(source, name, bytes);
}

/** Changes a text file of the source. */
export const inText =
  (name: string, from: string | RegExp, to: string) =>
  (source: string): void => {
    const path = join(source, name);
    const text = readFileSync(path, 'utf8');
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`${name}: expected ${String(from)} to change`);
    put(source, name, changed);
  };

export const cut =
  (name: string) =>
  (source: string): void => {
    const bytes = readFileSync(join(source, name));
    put(source, name, bytes.subarray(0, bytes.length / 2));
  };

/** What can be wrong with any file that holds pixels: it is another thing, cut short, or a link that leads out. */
export function fileFlaws(name: string, items: number, told: RegExp): Flaw[] {
  return [
    { title: `${name} is no such file`, spoil: (source) => put(source, name, 'this is a text'), told, items },
    { title: `${name} is cut short`, spoil: cut(name), told, items },
    {
      title: `${name} is a link that leads out`,
      spoil(source) {
        put(join(source, '..'), 'secret', readFileSync(join(source, name)));
        rmSync(join(source, name));
        symlinkSync(join(source, '..', 'secret'), join(source, name));
      },
      told: new RegExp(
        `${name.replaceAll('.', '\\.')}: expected a file inside the source folder.*found a link that leads out of it`,
      ),
      items,
    },
  ];
}

export const PICTURE = /expected an intact PNG/;

/** Pictures that a document names: paths that lead out choose nothing. */
export function pathFlaws(file: string, field: string, quoted: (path: string) => string): Flaw[] {
  return ['../../etc/passwd.png', '/etc/passwd.png', '..\\\\..\\\\c.png'].map((path) => ({
    title: `a picture is called ${path}`,
    spoil: inText(file, quoted('c.png'), quoted(path)),
    told: new RegExp(`${file}: expected ${field}: a picture of the source, .*passwd|c\\.png.*found no such picture`),
    items: 2,
  }));
}
