// The open item in words and numbers, for those who do not see the picture.
import type { ProjectFacts } from '../../../src-core/contract/project.ts';
import { currentLanguage, formatNumber, t } from '../../i18n/index.svelte.ts';
import type { OpenItem } from '../../state/review-item.svelte.ts';
import type { ShownSide } from '../../state/reading-sides.svelte.ts';
import type { Review } from '../../state/review.svelte.ts';
import { itemName } from './item-name.ts';

/** "ED" or "ES" where the phase is one of them. */
export function phaseBadge(phase: string | undefined): string | undefined {
  return phase === 'ED' || phase === 'ES' ? phase : undefined;
}

/** A moment as people write it. */
export function showTime(at: string): string {
  return new Intl.DateTimeFormat(currentLanguage(), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(at));
}

/** An area in mm² where pixels have a size, else in pixels. */
export function areaText(pixels: number, { picture }: OpenItem): string {
  const { spacing } = picture;
  if (!spacing) return t('review:pixels', { count: pixels, value: formatNumber(pixels) });
  return `${formatNumber(pixels * spacing.x * spacing.y, { maximumFractionDigits: 0 })} mm²`;
}

/** Both readings of the open item, where they are brought together. */
function describeSides({ adjudication, sides }: Review): string {
  const { open, differingPixels: pixels } = sides;
  if (adjudication.reader === undefined || !open?.second) return '';
  const side = ({ annotator, state }: ShownSide): string =>
    `${annotator || t('review:nobody')}, ${t(`review:state.${state}`)}`;
  return t('readers:describeBoth', {
    first: side(open.first),
    second: side(open.second),
    pixels: pixels === null ? '–' : t('review:pixels', { count: pixels, value: formatNumber(pixels) }),
    adjudication: t(sides.isOpen ? 'readers:isOpen' : 'readers:isSettled'),
  });
}

export function describeItem(item: OpenItem, review: Review, { classes, isVolumetric }: ProjectFacts): string {
  const { recording, phase, place } = review.way;
  const phases = recording?.phases.length ?? 1;
  const name = phase && place ? itemName({ ...phase, ...place, phases }, isVolumetric) : item.id;
  const areas = classes.map((each, i) => `${each.name} ${areaText(item.areas[i + 1] ?? 0, item)}`).join(', ');
  const score = place?.score ?? null;
  const { shown: second } = review.readers;
  return [
    second ? `${t(second.isBlind ? 'readers:blindOf' : 'readers:seeingOf', { name: second.name })}.` : '',
    t('review:describe', { patient: recording?.patient ?? '', name, state: t(`review:state.${item.facts.state}`) }),
    describeSides(review),
    t('review:describeAreas', { areas }),
    score === null
      ? ''
      : t('review:describeScore', {
          score: formatNumber(score, { maximumFractionDigits: 2, minimumFractionDigits: 2 }),
        }),
  ]
    .filter(Boolean)
    .join(' ');
}
