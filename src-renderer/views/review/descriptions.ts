// The open item in words and numbers, for those who do not see the picture.
import type { ProjectFacts } from '../../../src-core/contract/project.ts';
import { formatNumber, t } from '../../i18n/index.svelte.ts';
import type { OpenItem } from '../../state/review-item.svelte.ts';
import type { Review } from '../../state/review.svelte.ts';
import { itemName } from './item-name.ts';

/** "ED" or "ES" where the phase is one of them. */
export function phaseBadge(phase: string | undefined): string | undefined {
  return phase === 'ED' || phase === 'ES' ? phase : undefined;
}

/** An area in mm² where pixels have a size, else in pixels. */
export function areaText(pixels: number, { picture }: OpenItem): string {
  const { spacing } = picture;
  if (!spacing) return t('review:pixels', { count: pixels, value: formatNumber(pixels) });
  return `${formatNumber(pixels * spacing.x * spacing.y, { maximumFractionDigits: 0 })} mm²`;
}

export function describeItem(item: OpenItem, review: Review, { classes, isVolumetric }: ProjectFacts): string {
  const { recording, phase, place } = review;
  const name = phase && place ? itemName({ ...phase, ...place }, isVolumetric) : item.id;
  const areas = classes.map((each, i) => `${each.name} ${areaText(item.areas[i + 1] ?? 0, item)}`).join(', ');
  const score = place?.score ?? null;
  const { second } = review;
  return [
    second ? `${t(second.isBlind ? 'readers:blindOf' : 'readers:seeingOf', { name: second.name })}.` : '',
    t('review:describe', { patient: recording?.patient ?? '', name, state: t(`review:state.${item.facts.state}`) }),
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
