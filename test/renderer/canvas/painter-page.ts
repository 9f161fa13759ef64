// What painter.test.ts calls in the browser: draws scenes and gives the pixels.
import type { Window } from '../../../src-core/imaging/plane.ts';
import { LabelLayer } from '../../../src-renderer/canvas/label-layer.ts';
import { openContext, Painter } from '../../../src-renderer/canvas/painter.ts';
import type { Scene } from '../../../src-renderer/canvas/scene.ts';
import { AS_STORED } from '../../../src-renderer/canvas/viewport.ts';

const SIDE = 64;
const canvas = document.createElement('canvas');
canvas.width = canvas.height = SIDE;
document.body.append(canvas);
const gl = openContext(canvas)!; // WebGL2 is there, or the test fails here
let painter = new Painter(gl);

/** Sixteen pixels a side, so that each is drawn four device pixels wide. */
const image = { width: 16, height: 16, channels: 1 as const, data: new Uint16Array(256) };
const labels = new LabelLayer({ width: 16, height: 16, data: new Uint8Array(256) });
const base: Scene = {
  image,
  window: { level: 0.5, width: 1 },
  smooth: false,
  labels: null,
  look: {
    classes: [
      { colour: '#ff0000', shown: true, opacity: 0.5 },
      { colour: '#0000ff', shown: true, opacity: 0.5 },
    ],
    fill: true,
    outline: true,
  },
  marks: null,
  heats: [],
  viewport: { centre: { x: 8, y: 8 }, zoom: 4 },
  placement: AS_STORED,
  canvas: { width: SIDE, height: SIDE },
  pixelRatio: 1,
};

/** RGB of a device pixel, counted from the upper left corner. */
function pixel(x: number, y: number): number[] {
  const bytes = new Uint8Array(4);
  gl.readPixels(x, SIDE - 1 - y, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
  return [...bytes.subarray(0, 3)];
}

function picture(): number[] {
  const bytes = new Uint8Array(SIDE * SIDE * 4);
  gl.readPixels(0, 0, SIDE, SIDE, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
  return [...bytes];
}

const square = { x: 4, y: 4, width: 8, height: 8 };

function paint({ x, y, width, height }: Window, label: number): void {
  for (let row = y; row < y + height; row++) {
    labels.plane.data.fill(label, row * 16 + x, row * 16 + x + width);
  }
  labels.changed({ x, y, width, height });
}

const canvasPage = {
  /** Greys of two pixels whose values differ by one in 65 536, in a window of two values. */
  depth(): number[] {
    const data = new Uint16Array(256).fill(40_000);
    data[8] = 40_001;
    painter.draw({ ...base, image: { ...image, data }, window: { level: 40_001, width: 2 } });
    return [pixel(2, 2)[0]!, pixel(34, 2)[0]!];
  },
  /** Inside, edge and outside of a class on black; how wide the edge is at two zooms. */
  mask(): { inside: number[]; edge: number[]; outside: number[]; widths: number[] } {
    labels.plane.data.fill(0);
    paint(square, 1);
    painter.draw({ ...base, labels });
    const seen = { inside: pixel(32, 32), edge: pixel(16, 32), outside: pixel(8, 32) };
    const widthOf = (zoom: number): number => {
      painter.draw({ ...base, labels, viewport: { centre: { x: 4, y: 8 }, zoom } });
      // From the left edge of the square, and not as far as its right one.
      return Array.from({ length: SIDE / 4 }, (_, i) => pixel(SIDE / 2 + i, 32)[0]!).filter((red) => red === 255)
        .length;
    };
    return { ...seen, widths: [widthOf(4), widthOf(12)] };
  },
  hidden(): number[] {
    const [red, blue] = base.look.classes;
    painter.draw({ ...base, labels, look: { ...base.look, classes: [{ ...red!, shown: false }, blue!] } });
    return pixel(32, 32);
  },
  /** Whether a picture that only its change was drawn of equals one that was drawn anew. */
  change(): { changed: boolean; equal: boolean } {
    const scene = { ...base, labels };
    painter.draw(scene);
    const before = picture().join();
    paint({ x: 6, y: 5, width: 7, height: 4 }, 2);
    paint({ x: 1, y: 10, width: 6, height: 3 }, 0);
    painter.draw(scene);
    const partly = picture().join();
    painter.draw({ ...scene, look: { ...scene.look } });
    return { changed: partly !== before, equal: partly === picture().join() };
  },
  /** Colours of a value under, at and over the threshold. */
  heat(): number[][] {
    const map = { width: 3, height: 1, data: Float32Array.of(0.4, 0.5, 1) };
    const image = { width: 3, height: 1, channels: 1 as const, data: new Uint8Array(3) };
    const heat = { map, ramp: 'cividis' as const, opacity: 0.5, threshold: 0.5 };
    painter.draw({ ...base, image, heats: [heat], viewport: { centre: { x: 1.5, y: 0.5 }, zoom: 20 } });
    return [pixel(4, 32), pixel(32, 32), pixel(60, 32)];
  },
  colour(): number[] {
    const data = Uint8Array.of(200, 100, 50);
    const image = { width: 1, height: 1, channels: 3 as const, data };
    painter.draw({
      ...base,
      image,
      window: { level: 127.5, width: 255 },
      viewport: { centre: { x: 0.5, y: 0.5 }, zoom: 30 },
    });
    return pixel(32, 32);
  },
  /** The picture after the context was lost and given back. */
  async loss(): Promise<boolean> {
    const scene = { ...base, labels };
    painter.draw({ ...scene, look: { ...scene.look } });
    const before = picture().join();
    const lose = gl.getExtension('WEBGL_lose_context')!; // every browser has it
    canvas.addEventListener('webglcontextlost', (event) => event.preventDefault(), { once: true });
    lose.loseContext();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const restored = new Promise((resolve) => canvas.addEventListener('webglcontextrestored', resolve, { once: true }));
    lose.restoreContext();
    await restored;
    painter = new Painter(gl);
    painter.draw(scene);
    return picture().join() === before;
  },
};

export type CanvasPage = typeof canvasPage;
Object.assign(globalThis, { canvasPage });
