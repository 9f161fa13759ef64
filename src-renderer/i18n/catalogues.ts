// Every file of texts. A screen's file has the same name in each language; a test compares their keys.
import deFrame from './de/frame.json';
import enFrame from './en/frame.json';
import zhFrame from './zh/frame.json';

const en = { frame: enFrame };

/** `screen:key`; plural forms are asked for by their stem. */
export type MessageKey = {
  [Space in keyof typeof en]: `${Space}:${Stem<keyof (typeof en)[Space] & string>}`;
}[keyof typeof en];

type Stem<Key extends string> = Key extends `${infer Start}_${'one' | 'other'}` ? Start : Key;

export const CATALOGUES = {
  en,
  de: { frame: deFrame },
  zh: { frame: zhFrame },
} as const;
