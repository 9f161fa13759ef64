// How far two readers drew the same: Dice, HD95 and Cohen's kappa of each class over the slices that both have read.
import { IGNORE, type LabelPlane } from '../imaging/plane.ts';
import { cohensKappa } from './agreement.ts';
import { addToConfusion, emptyConfusion, type ConfusionMatrix } from './confusion.ts';
import { dice, meanOfUnits, overlapCounts, type MeanOfUnits } from './overlap.ts';
import { hausdorff95 } from './surface-distance.ts';

/** A slice that both have read. */
export interface ReadTwice {
  readonly first: LabelPlane;
  readonly second: LabelPlane;
  /** Size of a pixel, mm: row height, then column width; null where it is unknown. */
  readonly spacingMm: readonly [number, number] | null;
}

/** Agreement about one class. */
export interface ClassAgreement {
  readonly name: string;
  /** Pixels of all slices pooled; NaN where neither drew the class. */
  readonly dice: number;
  /** Class against everything else, pixels pooled; NaN where one cannot tell agreement from chance. */
  readonly kappa: number;
  /** mm in the plane, mean over the slices where both drew the class. */
  readonly hd95: MeanOfUnits;
  /** Slices where only one of the two drew the class. */
  readonly oneSided: number;
}

/** Agreement of two readers. */
export interface ReaderAgreement {
  readonly slices: number;
  readonly classes: readonly ClassAgreement[];
  /** Over all labels at once, background included; pixels pooled. */
  readonly kappa: number;
}

/** Collects slices one at a time; only counts and distances are kept of them. */
export class AgreementCounter {
  private readonly names: readonly string[];
  private readonly pooled: ConfusionMatrix;
  private readonly distances: number[][];
  private readonly oneSided: number[];
  private slices = 0;

  constructor(classes: readonly string[]) {
    this.names = classes;
    this.pooled = emptyConfusion(classes.length + 1);
    this.distances = classes.map(() => []);
    this.oneSided = classes.map(() => 0);
  }

  /** Adds a slice. Pixels that either reader leaves open (255) do not count. */
  add({ first, second, spacingMm }: ReadTwice): void {
    if (first.width !== second.width || first.height !== second.height) {
      const [expected, got] = [first, second].map(({ width, height }) => `${width} x ${height}`);
      throw new RangeError(`second reading: expected ${expected} pixels like the first, got ${got}`);
    }
    const isOpen = (i: number): boolean => first.data[i] === IGNORE || second.data[i] === IGNORE;
    const [a, b] = [first, second].map(({ data }) => data.map((label, i) => (isOpen(i) ? IGNORE : label)));
    addToConfusion(this.pooled, a!, b!);
    this.names.forEach((_, c) => this.addDistance(c, a!, b!, [first.height, first.width], spacingMm));
    this.slices++;
  }

  finish(): ReaderAgreement {
    const classes = this.names.map((name, c) => ({
      name,
      dice: dice(overlapCounts(this.pooled, c + 1)),
      kappa: cohensKappa(oneAgainstRest(this.pooled, c + 1)),
      hd95: meanOfUnits(this.distances[c]!),
      oneSided: this.oneSided[c]!,
    }));
    return { slices: this.slices, classes, kappa: cohensKappa(this.pooled) };
  }

  private addDistance(
    c: number,
    first: Uint8Array,
    second: Uint8Array,
    shape: readonly [number, number],
    spacingMm: ReadTwice['spacingMm'],
  ): void {
    const label = c + 1;
    const [inFirst, inSecond] = [first.includes(label), second.includes(label)];
    if (inFirst !== inSecond) this.oneSided[c]!++;
    if (!inFirst || !inSecond) return;
    const [a, b] = [first, second].map((labels) => labels.map((each) => (each === label ? 1 : 0)));
    this.distances[c]!.push(spacingMm ? hausdorff95(a!, b!, shape, spacingMm) : NaN);
  }
}

/** The matrix of one label and of all others together. */
function oneAgainstRest({ labels, counts }: ConfusionMatrix, label: number): ConfusionMatrix {
  const result = emptyConfusion(2);
  counts.forEach((count, i) => {
    const [row, column] = [Math.floor(i / labels) === label ? 1 : 0, i % labels === label ? 1 : 0];
    result.counts[row * 2 + column]! += count;
  });
  return result;
}
