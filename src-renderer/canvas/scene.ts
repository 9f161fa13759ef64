// Everything that one picture of the canvas shows, as plain data. Drawing reads it and never writes it.
import type { LabelLayer } from './label-layer.ts';
import type { Placement, Size, Viewport } from './viewport.ts';
import type { WindowLevel } from './window-level.ts';

/** An image at its full depth, rows first, channels together. */
export interface ImagePixels {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array | Uint16Array | Int16Array | Float32Array;
}

/** A map of values over the image; it may be coarser than the image. */
export interface ValuePixels {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** How a class is drawn. */
export interface ClassLook {
  /** `#rrggbb`. */
  readonly colour: string;
  readonly shown: boolean;
  /** Of its fill, 0..1. */
  readonly opacity: number;
}

/** Colours of values. */
export type Ramp = 'cividis' | 'inferno';

/** Values drawn over the image: alpha rises with the value, nothing is drawn below the threshold. */
export interface HeatLayer {
  readonly map: ValuePixels;
  readonly ramp: Ramp;
  /** 0..1, of the highest value. */
  readonly opacity: number;
  /** 0..1. */
  readonly threshold: number;
}

/** How label maps are drawn. */
export interface MaskLook {
  /** By label id, from 1. */
  readonly classes: readonly ClassLook[];
  readonly fill: boolean;
  readonly outline: boolean;
}

export interface Scene {
  readonly image: ImagePixels | null;
  readonly window: WindowLevel;
  /** Between pixels when zoomed in, else each pixel as a square. */
  readonly smooth: boolean;
  readonly labels: LabelLayer | null;
  readonly look: MaskLook;
  /** Pixels to point out with hatching, such as those that a person changed: not 0. */
  readonly marks: LabelLayer | null;
  /** At most two, the lower one first. */
  readonly heats: readonly HeatLayer[];
  readonly viewport: Viewport;
  readonly placement: Placement;
  readonly canvas: Size;
  /** Device pixels a CSS pixel. */
  readonly pixelRatio: number;
}
