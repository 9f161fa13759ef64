import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { compareCase } from './compare.ts';
import { readNpy, readNpz } from './npz.ts';
import { npy } from './registry.ts';

/** A version 1 `.npy` file as NumPy writes it. */
function npyFile(type: string, shape: string, data: ArrayBufferView, fortran = false): Uint8Array {
  const header = `{'descr': '${type}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': ${shape}, }`;
  const padded = header.padEnd(117) + '\n';
  const prefix = [0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, padded.length, 0];
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return Uint8Array.from([...prefix, ...new TextEncoder().encode(padded), ...bytes]);
}

describe('reading NumPy arrays', () => {
  it('reads every element type of an archive', () => {
    const arrays = readNpz(
      zipSync({
        'f4.npy': npyFile('<f4', '(2, 1)', Float32Array.of(1.5, -2)),
        'f8.npy': npyFile('<f8', '()', Float64Array.of(Math.PI)),
        'i4.npy': npyFile('<i4', '(1,)', Int32Array.of(-7)),
        'i8.npy': npyFile('<i8', '(1,)', BigInt64Array.of(-7n)),
        'u1.npy': npyFile('|u1', '(2,)', Uint8Array.of(0, 255)),
        'b1.npy': npyFile('|b1', '(2,)', Uint8Array.of(0, 1)),
      }),
    );
    expect(arrays['f4']).toEqual({ shape: [2, 1], data: Float32Array.of(1.5, -2) });
    expect(arrays['f8']).toEqual({ shape: [], data: Float64Array.of(Math.PI) });
    expect(arrays['i4']).toEqual({ shape: [1], data: Int32Array.of(-7) });
    expect(arrays['i8']).toEqual({ shape: [1], data: Int32Array.of(-7) });
    expect(arrays['u1']!.data).toEqual(Uint8Array.of(0, 255));
    expect(arrays['b1']!.data).toEqual(Uint8Array.of(0, 1));
  });

  it('turns columns-first data to rows first', () => {
    const file = npyFile('<i4', '(2, 3)', Int32Array.of(1, 4, 2, 5, 3, 6), true);
    expect(readNpy('a', file)).toEqual({ shape: [2, 3], data: Int32Array.of(1, 2, 3, 4, 5, 6) });
  });

  it('names the array that it cannot read', () => {
    expect(() => readNpy('a.npy', npyFile('<c8', '(1,)', new Float32Array(2)))).toThrow(/a\.npy.*<c8/);
    expect(() => readNpy('a.npy', npyFile('<f4', '(3,)', new Float32Array(2)))).toThrow(/expected 3 elements, got 2/);
    expect(() => readNpy('a.npy', Uint8Array.of(1, 2, 3))).toThrow(/expected a NumPy array/);
    expect(() => readNpy('a.npy', npyFile('<i8', '(1,)', BigInt64Array.of(1n << 40n)))).toThrow(/32-bit/);
  });
});

describe('comparing with the reference', () => {
  it('measures errors on the scale of the array and lets NaN equal NaN', () => {
    const archive = { out_a: npy([3], [100, 0, NaN]) };
    expect(compareCase('f', archive, { a: npy([3], [100, 0.005, NaN]) }).failures).toEqual([]);
    expect(compareCase('f', archive, { a: npy([3], [100, 0.02, NaN]) }).failures).toHaveLength(1);
    expect(compareCase('hd95', archive, { a: npy([3], [100, 0.02, NaN]) }).failures).toEqual([]);
    expect(compareCase('f', archive, { a: npy([3], [100, 0, 0]) }).failures).toHaveLength(1);
  });

  it('compares integers exactly, and labels only where they are stable', () => {
    const labels = npy([3], Int32Array.of(1, 2, 255));
    expect(compareCase('f', { out_a: labels }, { a: npy([3], [1, 2, 254]) }).failures).toHaveLength(1);
    const archive = { out_a: labels, stable_a: npy([3], Uint8Array.of(1, 1, 0)) };
    expect(compareCase('f', archive, { a: npy([3], [1, 2, 254]) })).toEqual({ worst: 0, failures: [] });
  });

  it('takes the scale of a vanishing gradient from the largest one', () => {
    const archive = { grad_a: npy([1], [1e-17]), grad_b: npy([1], [1]) };
    expect(compareCase('f', archive, { grad_a: npy([1], [1e-6]), grad_b: npy([1], [1]) }).failures).toEqual([]);
    expect(compareCase('f', archive, { grad_a: npy([1], [1e-3]), grad_b: npy([1], [1]) }).failures).toHaveLength(1);
  });

  it('fails on missing, unknown and misshapen outputs', () => {
    const archive = { out_a: npy([2], [1, 2]) };
    expect(compareCase('f', archive, {}).failures).toEqual(['a: missing']);
    expect(compareCase('f', archive, { a: npy([2, 1], [1, 2]) }).failures[0]).toMatch(/expected shape \(2\)/);
    expect(compareCase('f', archive, { a: npy([2], [1, 2]), b: npy([], [0]) }).failures[0]).toMatch(/no such output/);
  });
});
