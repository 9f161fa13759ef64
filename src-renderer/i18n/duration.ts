import { t } from './index.svelte.ts';

/** "42 s", "3 min 5 s", "1 h 12 min", in the person's language. */
export function showDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return t('frame:seconds', { count: whole });
  if (whole < 3600) return t('frame:minutesSeconds', { minutes: Math.floor(whole / 60), seconds: whole % 60 });
  return t('frame:hoursMinutes', { hours: Math.floor(whole / 3600), minutes: Math.floor((whole % 3600) / 60) });
}
