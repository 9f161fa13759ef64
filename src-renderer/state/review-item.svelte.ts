// An item that is open: its image, the working labels, what is known of its reading, and maps of the run as they are looked at.
import type { ItemMaps, ItemPicture, ItemValueMap } from '../../src-core/contract/picture.ts';
import type { ReviewedItem } from '../../src-core/contract/review.ts';
import type { LabelPlane } from '../../src-core/imaging/plane.ts';
import { decodeLabels, isStoredAs } from '../../src-core/labels/label-codec.ts';
import { applyPatch, boundsOf, invertPatch, patchBetween, type LabelPatch } from '../../src-core/labels/patch.ts';
import { LabelLayer } from '../canvas/label-layer.ts';
import { intensityStatistics, type IntensityStatistics } from '../canvas/window-level.ts';
import { TouchedPixels } from './touched-pixels.ts';

/** Label ids are bytes. */
const LABELS = 256;

export class OpenItem {
  readonly id: string;
  readonly picture: ItemPicture;
  readonly statistics: IntensityStatistics;
  /** The working labels: what is stored, and on it what the gesture in hand has drawn. */
  readonly labels: LabelLayer;
  facts: ReviewedItem;
  maps = $state.raw<ItemMaps | null>(null);
  /** Goes up whenever the labels change. */
  revision = $state(0);
  /** Pixels of each label id. */
  areas = $state.raw<Uint32Array>(new Uint32Array(LABELS));
  /** Gestures that are not stored yet. */
  unsaved = 0;
  /** Whether it was changed by someone since its facts were told. */
  isStale = false;
  /** Whether a gesture is in hand, which stands on the working labels as they are. */
  private isInHand = false;
  /** Whether the working labels are still to become the mask that was told. */
  private isBehind = false;
  /** Gestures that could not be stored and are still to be taken back. */
  readonly lost: LabelPatch[] = [];
  private values: ArrayLike<number> | undefined;
  private readonly planes = new Map<Uint8Array, LabelLayer>();

  constructor(facts: ReviewedItem, picture: ItemPicture) {
    this.id = facts.item;
    this.picture = picture;
    this.statistics = intensityStatistics(picture.data);
    const { width, height } = picture;
    const plane = facts.mask ? decodeLabels(facts.mask) : { width, height, data: new Uint8Array(width * height) };
    this.labels = new LabelLayer(plane);
    this.areas = countLabels(plane);
    this.facts = $state.raw(facts);
  }

  /** The suggested mask that the labels began as. */
  readonly base = $derived.by(() => this.layerOf(this.facts.base));

  /** Where the working labels differ from the suggested mask: what a person has changed. */
  readonly touched = $derived.by(() => this.base && new TouchedPixels(this.labels.plane, this.base.plane));

  /** Changes the working labels in place. */
  apply(patch: LabelPatch): void {
    applyPatch(this.labels.plane, patch);
    this.labels.changed(boundsOf(patch));
    this.areas = areasAfter(this.areas, patch);
    this.touched?.follow(patch);
    this.revision++;
  }

  takeBack(patch: LabelPatch): void {
    this.apply(invertPatch(patch));
  }

  /** Hears whether a gesture is in hand; what was told meanwhile is shown once it is over. */
  holds(isInHand: boolean): void {
    this.isInHand = isInHand;
    if (this.isBehind) this.catchUp(this.facts);
  }

  /** Takes what the services say of the item. Gives whether labels on the screen had to change for it. */
  take(facts: ReviewedItem): boolean {
    this.hear(facts);
    return this.catchUp(facts);
  }

  private catchUp(facts: ReviewedItem): boolean {
    // Gestures in hand and on their way stand on the working labels.
    this.isBehind = this.unsaved > 0 || this.isInHand;
    if (this.isBehind) return false;
    this.isStale = false;
    this.lost.length = 0;
    const { plane } = this.labels;
    // So it is after every stroke: what was stored is what is on the screen.
    if (facts.mask && isStoredAs(plane, facts.mask)) return false;
    const stored = facts.mask
      ? decodeLabels(facts.mask)
      : { ...plane, data: new Uint8Array(plane.width * plane.height) };
    const difference = patchBetween(plane, stored);
    if (difference) this.apply(difference);
    return difference !== undefined;
  }

  /** Whether the mask is still the one that was told last. */
  hasMaskOf({ mask }: ReviewedItem): boolean {
    return isSame(this.facts.mask, mask);
  }

  /** Takes a decision about the mask as it is, whatever the gesture in hand has drawn on it. */
  decided(facts: ReviewedItem): void {
    this.hear(facts);
    this.isStale = false;
  }

  /** Facts come anew with every answer; a suggested mask that stays the same is not looked through again. */
  private hear(facts: ReviewedItem): void {
    const { base } = this.facts;
    this.facts = isSame(facts.base, base) ? { ...facts, base } : facts;
  }

  /** A label map of the run, by kind; null where it was not fetched or does not exist. */
  mapOf(kind: string): LabelLayer | null {
    return this.layerOf(this.maps?.labels[kind] ?? null);
  }

  valuesOf(name: string): ItemValueMap | null {
    return this.maps?.values[name] ?? null;
  }

  /** One value a pixel, for tools that look at the image: its brightness where it has colours. */
  get intensities(): ArrayLike<number> {
    return (this.values ??= intensitiesOf(this.picture));
  }

  /** Bytes that the open item keeps, roughly. */
  get bytes(): number {
    return this.picture.data.byteLength + 2 * this.labels.plane.data.byteLength;
  }

  private layerOf(stored: Uint8Array | null): LabelLayer | null {
    if (!stored) return null;
    const known = this.planes.get(stored);
    if (known) return known;
    const layer = new LabelLayer(decodeLabels(stored));
    this.planes.set(stored, layer);
    return layer;
  }
}

export function countLabels({ data }: LabelPlane): Uint32Array {
  const counts = new Uint32Array(LABELS);
  for (let i = 0; i < data.length; i++) counts[data[i]!]!++;
  return counts;
}

function areasAfter(areas: Uint32Array, { runs }: LabelPatch): Uint32Array {
  const after = areas.slice();
  for (const run of runs) {
    after[run.before]! -= run.length;
    after[run.after]! += run.length;
  }
  return after;
}

function intensitiesOf({ channels, data }: ItemPicture): ArrayLike<number> {
  if (channels === 1) return data;
  const values = new Float32Array(data.length / 3);
  for (let i = 0; i < values.length; i++) {
    // Rec. 709.
    values[i] = 0.2126 * data[3 * i]! + 0.7152 * data[3 * i + 1]! + 0.0722 * data[3 * i + 2]!;
  }
  return values;
}

function isSame(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (!a || !b) return a === b;
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
