import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../../src-core/training/safetensors.ts';

/** A file with any header, true or not, and a body. */
function file(header: unknown, body: Uint8Array = new Uint8Array(), statedLength?: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + body.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(statedLength ?? json.length), true);
  bytes.set(json, 8);
  bytes.set(body, 8 + json.length);
  return bytes;
}

const one = (dtype: string, shape: number[], length: number) => ({
  x: { dtype, shape, data_offsets: [0, length] },
});

const values = (dtype: string, body: ArrayBuffer): number[] => [
  ...decodeSafetensors(file(one(dtype, [body.byteLength / WIDTH[dtype]!], body.byteLength), new Uint8Array(body)), 'f')
    .tensors['x']!.data,
];
const WIDTH: Record<string, number> = { F64: 8, F32: 4, F16: 2, BF16: 2 };

describe('reading safetensors', () => {
  it('reads every type of numbers', () => {
    expect(values('F32', new Float32Array([1.5, -2, 1e-40, Infinity]).buffer)).toEqual(
      [1.5, -2, 1e-40, Infinity].map(Math.fround),
    );
    expect(values('F64', new Float64Array([0.1, -3]).buffer)).toEqual([0.1, -3].map(Math.fround));
    // 1, -2, smallest subnormal, largest, infinity, NaN
    expect(values('F16', new Uint16Array([0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0x7e00]).buffer)).toEqual([
      1,
      -2,
      2 ** -24,
      65504,
      Infinity,
      NaN,
    ]);
    // 1, -2, 3.140625
    expect(values('BF16', new Uint16Array([0x3f80, 0xc000, 0x4049]).buffer)).toEqual([1, -2, 3.140625]);
  });

  it('reads tensors that lie at odd places in a larger buffer', () => {
    const inner = file(one('F32', [2], 8), new Uint8Array(new Float32Array([1, 2]).buffer));
    const outer = new Uint8Array(inner.length + 3);
    outer.set(inner, 3);
    expect([...decodeSafetensors(outer.subarray(3), 'f').tensors['x']!.data]).toEqual([1, 2]);
  });

  it('reads names beyond ASCII, escaped or not', () => {
    const name = 'größe 心';
    const raw = file({ [name]: { dtype: 'F32', shape: [], data_offsets: [0, 4] } }, new Uint8Array(4));
    expect(Object.keys(decodeSafetensors(raw, 'f').tensors)).toEqual([name]);
    const own = encodeSafetensors({
      tensors: { [name]: { shape: [], data: new Float32Array(1) } },
      metadata: { [name]: name },
    });
    expect(decodeSafetensors(own, 'f')).toMatchObject({
      tensors: { [name]: { shape: [] } },
      metadata: { [name]: name },
    });
  });

  it.for<[string, Uint8Array, RegExp]>([
    ['no bytes', new Uint8Array(), /w\.st: expected a safetensors file, found only 0 bytes/],
    [
      'a header longer than the file',
      file({}, undefined, 5000),
      /w\.st: .*header within 10 bytes, found a length of 5000/,
    ],
    ['a header length beyond all memory', file({}, undefined, 2 ** 52), /w\.st: .*found a length of 4503599627370496/],
    ['a header that is no JSON', file('{"x": '), /w\.st: expected a safetensors header in JSON/],
    ['a header that is a list', file('[]'), /w\.st: expected the safetensors header to be an object/],
    ['an unknown type', file(one('I3', [1], 1), new Uint8Array(1)), /w\.st: "x" has type I3, expected F32/],
    [
      'a type that names a property of objects',
      file(one('constructor', [1], 4), new Uint8Array(4)),
      /has type constructor/,
    ],
    ['no description', file({ x: null }), /w\.st: "x" has type undefined/],
    ['a negative extent', file(one('F32', [-1], -4)), /w\.st: "x" has no valid shape and offsets/],
    ['a shape that is text', file({ x: { dtype: 'F32', shape: '4', data_offsets: [0, 4] } }), /no valid shape/],
    [
      'offsets that do not fit the shape',
      file(one('F32', [3], 8), new Uint8Array(8)),
      /\(3\) needs 12 bytes, found 0 to 8/,
    ],
    ['offsets beyond the file', file(one('F32', [2], 8), new Uint8Array(4)), /needs 8 bytes, found 0 to 8 of 4/],
    ['a shape that asks for all memory', file(one('F32', [2 ** 40, 2 ** 40], 8), new Uint8Array(8)), /w\.st: "x"/],
    [
      'bytes that belong to no tensor',
      file(one('F32', [1], 4), new Uint8Array(9)),
      /expected 4 bytes of tensors, found 9/,
    ],
    ['metadata that is no text', file({ __metadata__: { a: 1 } }), /w\.st: expected the metadata to be texts/],
  ])('refuses %s and says why', ([, bytes, message]) => {
    expect(() => decodeSafetensors(bytes, 'w.st')).toThrow(message);
  });

  it('refuses a file cut off at any byte, naming it', () => {
    const whole = encodeSafetensors({
      tensors: { a: { shape: [2, 2], data: new Float32Array(4) } },
      bytes: { b: new Uint8Array(3) },
      metadata: { k: 'v' },
    });
    for (let length = 0; length < whole.length; length++) {
      expect(() => decodeSafetensors(whole.subarray(0, length), 'cut.st')).toThrow('cut.st');
    }
  });
});

describe('writing safetensors', () => {
  it('gives back what it was given', () => {
    const tensor = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }).chain((shape) => {
      const size = shape.reduce((product, n) => product * n, 1);
      return fc.record({ shape: fc.constant(shape), data: fc.float32Array({ minLength: size, maxLength: size }) });
    });
    const name = fc.string({ unit: 'binary' }).filter((text) => text !== '__metadata__' && text.isWellFormed());
    const named = fc.dictionary(
      name.map((text) => `t${text}`),
      tensor,
    );
    const plain = fc.dictionary(
      name.map((text) => `b${text}`),
      fc.uint8Array({ maxLength: 9 }),
    );
    fc.assert(
      fc.property(named, plain, fc.dictionary(name, name), (tensors, bytes, metadata) => {
        const back = decodeSafetensors(encodeSafetensors({ tensors, bytes, metadata }), 'f');
        expect(entries(back.metadata)).toEqual(entries(metadata));
        expect(entries(back.bytes)).toEqual(entries(bytes));
        expect(entries(back.tensors)).toEqual(entries(tensors));
      }),
      { numRuns: 20 },
    );
  });

  it('starts tensors at a multiple of eight bytes, as the format asks', () => {
    const bytes = encodeSafetensors({ tensors: {}, metadata: { odd: 'x' } });
    expect(bytes.length % 8).toBe(0);
  });
});

const entries = <T>(record: Readonly<Record<string, T>>): [string, T][] =>
  Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
