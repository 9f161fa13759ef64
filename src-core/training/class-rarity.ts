// Which of two classes a tag says more about: classes of one organ are tagged together, and the wider one would win
// everywhere.
import { float32, type HostTensor } from '../compile/index.ts';
import { UNKNOWN } from '../review/tag.ts';
import type { TaggedRegion } from './data.ts';

/** Name of the rarities among a run's weights; nothing trains them. */
export const CLASS_RARITY = 'class_rarity';

/** A class that every tag shows tells nothing, but it may still win where no other class is. */
const LEAST = 0.05;

/**
 * Inverse document frequency of every class among the tags that speak of it, ln(tags / tags that show it), the rarest scaled to 1.
 *
 * @returns `(M)`, within 0..1
 */
export function classRarity(tags: readonly TaggedRegion[], classes: number): HostTensor {
  const frequencies = Array.from({ length: classes }, (_, i) => {
    const said = tags.filter(({ present }) => present[i] !== UNKNOWN);
    const shown = said.filter(({ present }) => present[i] === 1).length;
    return Math.log(Math.max(said.length, 1) / Math.max(shown, 1));
  });
  const rarest = Math.max(...frequencies);
  return float32(
    [classes],
    frequencies.map((value) => (rarest > 0 ? Math.max(value / rarest, LEAST) : 1)),
  );
}
