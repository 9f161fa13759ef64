/** A 2-D image, ready for the network. Rows first: value of channel k at row y, column x is `data[(y·width + x)·channels + k]`. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** 0..1 (8 bit: value / 255; deeper: 1st to 99th percentile of the whole volume or image, clipped). */
  readonly data: Float32Array;
}

/** Label ids of a 2-D image, rows first: 0 background, 1..M classes in the project's order, 255 ignore. */
export interface LabelPlane {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export const BACKGROUND = 0;
export const IGNORE = 255;

/** A square or rectangular part of an image, in pixels of the stored image. */
export interface Window {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
