// Words of the interface in the person's language. One file a screen and language; English is the one that counts.
import i18next, { type TOptions } from 'i18next';
import type { Settings } from '../../src-core/contract/settings.ts';
import { CATALOGUES, type MessageKey } from './catalogues.ts';

export type { MessageKey } from './catalogues.ts';
export type Language = Settings['language'];

export const LANGUAGES: readonly { readonly code: Language; readonly name: string }[] = [
  { code: 'en', name: 'English' },
  { code: 'de', name: 'Deutsch' },
  { code: 'zh', name: '中文' },
];

const i18n = i18next.createInstance();
let language = $state<Language>('en');

await i18n.init({
  lng: 'en',
  fallbackLng: 'en',
  resources: CATALOGUES,
  defaultNS: 'frame',
  // Keys are flat; a dot is a letter like any other.
  keySeparator: false,
  interpolation: { escapeValue: false },
  returnNull: false,
});

/** The text of a key, `screen:name`; changes with the language wherever it is shown. */
export function t(key: MessageKey, values: TOptions = {}): string {
  return i18n.t(key, { ...values, lng: language });
}

/** The text of a key that may be missing, or what stands in for it. */
export function translated(key: string, otherwise: string): string {
  return i18n.exists(key, { lng: language, fallbackLng: false }) ? i18n.t(key, { lng: language }) : otherwise;
}

export function currentLanguage(): Language {
  return language;
}

export function setLanguage(next: Language): void {
  language = next;
  document.documentElement.lang = next;
}

/** Making one takes longer than all that a frame of the canvas has to write. */
const numberFormats = new Map<string, Intl.NumberFormat>();

/** A number as the language writes it. */
export function formatNumber(value: number, options: Intl.NumberFormatOptions = {}): string {
  const key = `${language} ${JSON.stringify(options)}`;
  let format = numberFormats.get(key);
  if (!format) numberFormats.set(key, (format = new Intl.NumberFormat(language, options)));
  return format.format(value);
}

/** Names in a row, as the language joins them. */
export function formatList(names: readonly string[]): string {
  return new Intl.ListFormat(language, { type: 'conjunction' }).format(names);
}
