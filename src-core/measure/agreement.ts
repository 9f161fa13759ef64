// Agreement of two annotators beyond chance: Cohen, "A coefficient of agreement for nominal scales", 1960.
import type { ConfusionMatrix } from './confusion.ts';

/**
 * Cohen's kappa (p_o - p_e) / (1 - p_e): 1 full agreement, 0 what chance gives, negative less than that. NaN where both used one
 * and the same label throughout, or there is nothing to compare: agreement cannot be told from chance then.
 */
export function cohensKappa({ labels, counts }: ConfusionMatrix): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let agreed = 0;
  let byChance = 0;
  for (let label = 0; label < labels; label++) {
    let first = 0;
    let second = 0;
    for (let other = 0; other < labels; other++) {
      first += counts[label * labels + other]!;
      second += counts[other * labels + label]!;
    }
    agreed += counts[label * labels + label]! / total;
    byChance += (first / total) * (second / total);
  }
  return (agreed - byChance) / (1 - byChance);
}
