/** Names of dimensions bound to sizes, as in `{ N: 2, C: 384 }`. */
export type Dimensions = Readonly<Record<string, number>>;

/**
 * Checks a shape against a pattern of named and literal dimensions and returns the sizes by name.
 * `bindShape('affinity', a.shape, 'N L L')` throws unless the last two sizes agree; a name already in `bound` must
 * have that size; a literal such as `3` must be met exactly.
 */
export function bindShape<P extends string>(
  name: string,
  shape: readonly number[],
  pattern: P,
  bound: Dimensions = {},
): Record<NameIn<P>, number> {
  const symbols = pattern.trim().split(/\s+/);
  const sizes: Record<string, number> = { ...bound };
  const fits =
    symbols.length === shape.length &&
    symbols.every((symbol, axis) => {
      const got = shape[axis]!;
      const wanted = /^\d+$/.test(symbol) ? Number(symbol) : (sizes[symbol] ??= got);
      return wanted === got;
    });
  if (!fits) {
    const known = Object.entries(bound).map(([key, value]) => `${key}=${value}`);
    const context = known.length > 0 ? ` with ${known.join(', ')}` : '';
    throw new RangeError(`${name}: expected shape (${symbols.join(', ')})${context}, got (${shape.join(', ')})`);
  }
  return sizes;
}

type NameIn<P extends string> = P extends `${infer Head} ${infer Rest}` ? Name<Head> | NameIn<Rest> : Name<P>;
type Name<S extends string> = S extends `${number}` | '' ? never : S;

/** The number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
