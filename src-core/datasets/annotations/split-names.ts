// Splits as the names of folders and files tell them.
import type { Split } from '../split.ts';

const WORDS: Readonly<Record<string, Split>> = {
  train: 'train',
  training: 'train',
  imagestr: 'train',
  val: 'validation',
  valid: 'validation',
  validation: 'validation',
  test: 'test',
  testing: 'test',
  imagests: 'test',
};

/** The split that a path names: `instances_val2017.json`, `images/train/a.png`; undefined where it names none. */
export function splitOfPath(path: string): Split | undefined {
  const parts = path.toLowerCase().split('/');
  const words = parts.flatMap((part, index) => (index === parts.length - 1 ? part.split(/[^a-z]+/) : [part]));
  return words.map((word) => WORDS[word]).find((split) => split !== undefined);
}
