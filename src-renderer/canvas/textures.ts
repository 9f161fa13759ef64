// Textures of the canvas, one a layer: each knows what it holds and sends only what is new.
import type { Window } from '../../src-core/imaging/plane.ts';
import type { LabelLayer } from './label-layer.ts';
import type { ImagePixels, ValuePixels } from './scene.ts';

/** A texture on its own unit, so that drawing binds nothing. */
export interface Layer {
  readonly unit: number;
  readonly texture: WebGLTexture;
}

export function createLayer(gl: WebGL2RenderingContext, unit: number, filter: number): Layer {
  const texture = gl.createTexture();
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  const layer = { unit, texture };
  setFilter(gl, layer, filter);
  return layer;
}

/** Whether texels are mixed (LINEAR) or not (NEAREST). */
export function setFilter(gl: WebGL2RenderingContext, { unit }: Layer, filter: number): void {
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, filter);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, filter);
}

/** Sends an image: 8-bit values as they are, deeper ones as 32-bit floats, which hold every one of them exactly. */
export function uploadImage(gl: WebGL2RenderingContext, { unit }: Layer, image: ImagePixels): void {
  const { width, height, channels, data } = image;
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  const isGrey = channels === 1;
  if (data instanceof Uint8Array) {
    const [stored, format] = isGrey ? [gl.R8, gl.RED] : [gl.RGB8, gl.RGB];
    gl.texImage2D(gl.TEXTURE_2D, 0, stored, width, height, 0, format, gl.UNSIGNED_BYTE, data);
    return;
  }
  const [stored, format] = isGrey ? [gl.R32F, gl.RED] : [gl.RGB32F, gl.RGB];
  gl.texImage2D(gl.TEXTURE_2D, 0, stored, width, height, 0, format, gl.FLOAT, finiteFloats(data));
}

/** Sends values of 0..1; half floats are filtered by every device. */
export function uploadValues(gl: WebGL2RenderingContext, { unit }: Layer, { width, height, data }: ValuePixels): void {
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.R16F, width, height, 0, gl.RED, gl.FLOAT, data);
}

/** Sends a colour table of 256 columns. */
export function uploadTable(gl: WebGL2RenderingContext, { unit }: Layer, table: Uint8Array): void {
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 256, table.length / 1024, 0, gl.RGBA, gl.UNSIGNED_BYTE, table);
}

/** A label map on the device. */
export class LabelTexture {
  readonly layer: Layer;
  private readonly gl: WebGL2RenderingContext;
  private held: LabelLayer | null = null;
  private version = 0;

  constructor(gl: WebGL2RenderingContext, unit: number) {
    this.gl = gl;
    this.layer = createLayer(gl, unit, gl.NEAREST);
    this.send(new Uint8Array(1), 1, 1);
  }

  /** Brings the texture up to date. Gives the window that changed, or `all` where the whole map did. */
  update(labels: LabelLayer | null): Window | 'all' | undefined {
    const { gl } = this;
    if (labels !== this.held) {
      this.held = labels;
      if (labels) this.send(labels.plane.data, labels.plane.width, labels.plane.height);
      this.version = labels?.version ?? 0;
      return 'all';
    }
    const dirty = labels?.changedSince(this.version);
    if (!labels || !dirty) return undefined;
    const { data, width } = labels.plane;
    gl.activeTexture(gl.TEXTURE0 + this.layer.unit);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.pixelStorei(gl.UNPACK_ROW_LENGTH, width);
    const from = data.subarray(dirty.y * width + dirty.x);
    gl.texSubImage2D(
      gl.TEXTURE_2D,
      ...[0, dirty.x, dirty.y, dirty.width, dirty.height, gl.RED_INTEGER, gl.UNSIGNED_BYTE],
      from,
    );
    gl.pixelStorei(gl.UNPACK_ROW_LENGTH, 0);
    this.version = labels.version;
    return dirty;
  }

  private send(data: Uint8Array, width: number, height: number): void {
    const { gl } = this;
    gl.activeTexture(gl.TEXTURE0 + this.layer.unit);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8UI, width, height, 0, gl.RED_INTEGER, gl.UNSIGNED_BYTE, data);
  }
}

/** NaN and infinite values count as the least one, as everywhere in the program. */
function finiteFloats(data: Exclude<ImagePixels['data'], Uint8Array>): Float32Array {
  if (!(data instanceof Float32Array)) return Float32Array.from(data);
  if (data.every(Number.isFinite)) return data;
  const least = data.reduce((low, value) => (Number.isFinite(value) && value < low ? value : low), Infinity);
  return data.map((value) => (Number.isFinite(value) ? value : least));
}
