import { currentLanguage } from './index.svelte.ts';

/** A day as the language writes it, from an ISO time. */
export function formatDay(iso: string): string {
  return new Intl.DateTimeFormat(currentLanguage(), { dateStyle: 'medium' }).format(new Date(iso));
}
