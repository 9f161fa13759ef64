import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AS_STORED,
  carryOver,
  fit,
  oneToOne,
  pan,
  pixelAt,
  toImage,
  toScreen,
  zoomAt,
  type Placement,
} from '../../../src-renderer/canvas/viewport.ts';

const canvas = { width: 800, height: 600 };
const image = { width: 200, height: 100 };
/** Rows to the left, columns downwards, rows drawn 1.5 times as tall as columns are wide. */
const turned: Placement = { column: { x: 0, y: 1 }, row: { x: -1.5, y: 0 } };

describe('where an image lies on the canvas', () => {
  it('puts the centre of what is seen in the middle of the canvas', () => {
    expect(toScreen({ x: 7, y: 9 }, { centre: { x: 7, y: 9 }, zoom: 3 }, canvas, AS_STORED)).toEqual({
      x: 400,
      y: 300,
    });
  });

  it('maps a step of a column and a row by their placement', () => {
    const viewport = { centre: { x: 0, y: 0 }, zoom: 2 };
    expect(toScreen({ x: 10, y: 0 }, viewport, canvas, turned)).toEqual({ x: 400, y: 320 });
    expect(toScreen({ x: 0, y: 10 }, viewport, canvas, turned)).toEqual({ x: 370, y: 300 });
  });

  it('finds the image point under every screen point again', () => {
    const coordinate = fc.double({ min: -500, max: 1500, noNaN: true });
    const zoom = fc.double({ min: 0.05, max: 64, noNaN: true });
    fc.assert(
      fc.property(coordinate, coordinate, zoom, fc.constantFrom(AS_STORED, turned), (x, y, zoom, placement) => {
        const viewport = { centre: { x: 31, y: 17 }, zoom };
        const back = toScreen(toImage({ x, y }, viewport, canvas, placement), viewport, canvas, placement);
        expect(back.x).toBeCloseTo(x, 6);
        expect(back.y).toBeCloseTo(y, 6);
      }),
    );
  });

  it('names the stored pixel under a point, and none outside', () => {
    expect(pixelAt({ x: 3.99, y: 0 }, image)).toEqual({ x: 3, y: 0 });
    expect(pixelAt({ x: -0.01, y: 0 }, image)).toBeUndefined();
    expect(pixelAt({ x: 200, y: 5 }, image)).toBeUndefined();
  });
});

describe('fitting, zooming and moving', () => {
  it('fits the longer side, turned or not', () => {
    expect(fit(image, canvas, AS_STORED, 0).zoom).toBe(4);
    // 100 rows of 1.5 wide, 200 columns tall: the height decides.
    expect(fit(image, canvas, turned, 0)).toEqual({ centre: { x: 100, y: 50 }, zoom: 3 });
    expect(fit(image, canvas, AS_STORED, 100).zoom).toBe(3);
  });

  it('keeps the image point under the pointer while zooming', () => {
    const viewport = { centre: { x: 100, y: 50 }, zoom: 4 };
    const at = { x: 500, y: 260 };
    const zoomed = zoomAt(viewport, 2.5, at, { image, canvas, placement: turned });
    expect(zoomed.zoom).toBe(10);
    const [before, after] = [viewport, zoomed].map((view) => toImage(at, view, canvas, turned));
    expect(after!.x).toBeCloseTo(before!.x, 9);
    expect(after!.y).toBeCloseTo(before!.y, 9);
  });

  it('stops zooming where nothing more is to be seen', () => {
    const scene = { image, canvas, placement: AS_STORED };
    const viewport = fit(image, canvas, AS_STORED);
    expect(zoomAt(viewport, 1e6, { x: 0, y: 0 }, scene).zoom).toBe(64);
    expect(zoomAt(viewport, 1e-6, { x: 0, y: 0 }, scene).zoom).toBeCloseTo(0.4);
  });

  it('moves the image with the hand and never off the canvas', () => {
    const viewport = { centre: { x: 100, y: 50 }, zoom: 4 };
    expect(pan(viewport, { x: 40, y: -20 }, image, AS_STORED).centre).toEqual({ x: 90, y: 55 });
    expect(pan(viewport, { x: 1e5, y: 1e5 }, image, AS_STORED).centre).toEqual({ x: 0, y: 0 });
  });

  it('shows one column a pixel without moving', () => {
    expect(oneToOne({ centre: { x: 3, y: 4 }, zoom: 9 })).toEqual({ centre: { x: 3, y: 4 }, zoom: 1 });
  });

  it('keeps the place when the next image has another size', () => {
    const viewport = { centre: { x: 50, y: 50 }, zoom: 4 };
    expect(carryOver(viewport, image, image)).toBe(viewport);
    expect(carryOver(viewport, image, { width: 400, height: 200 })).toEqual({ centre: { x: 100, y: 100 }, zoom: 2 });
  });
});
