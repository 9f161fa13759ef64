// What a person has changed of a suggested mask, followed change by change: a stroke touches few of millions of pixels.
import type { LabelPlane } from '../../src-core/imaging/plane.ts';
import { boundsOf, type LabelPatch } from '../../src-core/labels/patch.ts';
import { LabelLayer } from '../canvas/label-layer.ts';

/** The pixels in which working labels differ from the mask that they began as. */
export class TouchedPixels {
  /** 1 where they differ. */
  readonly layer: LabelLayer;
  private readonly base: LabelPlane;
  private differing = 0;

  constructor({ width, height, data }: LabelPlane, base: LabelPlane) {
    const marks = new Uint8Array(data.length);
    for (let i = 0; i < data.length; i++) {
      if (data[i] === base.data[i]) continue;
      marks[i] = 1;
      this.differing++;
    }
    this.layer = new LabelLayer({ width, height, data: marks });
    this.base = base;
  }

  /** How many pixels differ. */
  get count(): number {
    return this.differing;
  }

  /** Hears how the working labels have changed. */
  follow(patch: LabelPatch): void {
    const marks = this.layer.plane.data;
    for (const { start, length, after } of patch.runs) {
      for (let i = start; i < start + length; i++) {
        const mark = after === this.base.data[i] ? 0 : 1;
        this.differing += mark - marks[i]!;
        marks[i] = mark;
      }
    }
    this.layer.changed(boundsOf(patch));
  }
}
