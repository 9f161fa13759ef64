import { describe, expect, it } from 'vitest';
import { LabelLayer } from '../../../src-renderer/canvas/label-layer.ts';
import { classTable, rampTable } from '../../../src-renderer/canvas/palette.ts';

const plane = (fill = 0) => ({ width: 10, height: 8, data: new Uint8Array(80).fill(fill) });

describe('a label map that changes in place', () => {
  it('tells each reader what changed since it last looked', () => {
    const layer = new LabelLayer(plane());
    layer.changed({ x: 1, y: 1, width: 2, height: 2 });
    const seen = layer.version;
    layer.changed({ x: 5, y: 0, width: 1, height: 3 });
    layer.changed({ x: 4, y: 4, width: 1, height: 1 });
    expect(layer.changedSince(seen)).toEqual({ x: 4, y: 0, width: 2, height: 5 });
    expect(layer.changedSince(0)).toEqual({ x: 1, y: 0, width: 5, height: 5 });
    expect(layer.changedSince(layer.version)).toBeUndefined();
  });

  it('tells a reader that is far behind to take the whole map', () => {
    const layer = new LabelLayer(plane());
    for (let i = 0; i < 200; i++) layer.changed({ x: 3, y: 3, width: 1, height: 1 });
    expect(layer.changedSince(10)).toEqual({ x: 0, y: 0, width: 10, height: 8 });
    expect(layer.changedSince(190)).toEqual({ x: 3, y: 3, width: 1, height: 1 });
  });

  it('knows where its labels lie', () => {
    const labels = plane();
    labels.data[2 * 10 + 3] = 1;
    labels.data[5 * 10 + 7] = 255;
    const layer = new LabelLayer(labels);
    expect(layer.extent).toEqual({ x: 3, y: 2, width: 5, height: 4 });
    layer.changed({ x: 0, y: 6, width: 2, height: 1 });
    expect(layer.extent).toEqual({ x: 0, y: 2, width: 8, height: 5 });
    expect(new LabelLayer(plane()).extent).toBeUndefined();
  });
});

describe('colour tables', () => {
  const row = (table: Uint8Array, y: number, x: number): number[] => [...table.subarray((y * 256 + x) * 4).slice(0, 4)];
  const look = { classes: [{ colour: '#56b4e9', shown: true, opacity: 0.4 }], fill: true, outline: true };

  it('draws insides as opaque as the class says and edges fully', () => {
    const table = classTable(look);
    expect(row(table, 0, 1)).toEqual([0x56, 0xb4, 0xe9, 102]);
    expect(row(table, 1, 1)).toEqual([0x56, 0xb4, 0xe9, 255]);
    expect(row(table, 0, 0)).toEqual([0, 0, 0, 0]);
  });

  it('draws edges as insides where outlines are off, and nothing of a hidden class', () => {
    expect(row(classTable({ ...look, outline: false }), 1, 1)[3]).toBe(102);
    expect(row(classTable({ ...look, fill: false }), 0, 1)[3]).toBe(0);
    expect(
      classTable({ ...look, classes: [{ ...look.classes[0]!, shown: false }] }).every((value) => value === 0),
    ).toBe(true);
  });

  it('gets brighter with the value on every ramp', () => {
    const table = rampTable();
    const light = (y: number, x: number): number => {
      const [r, g, b] = row(table, y, x) as [number, number, number];
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    for (const ramp of [0, 1]) {
      for (let x = 32; x < 256; x += 32) expect(light(ramp, x)).toBeGreaterThan(light(ramp, x - 32));
    }
  });
});
