// Exact Euclidean distance transform with a spacing per axis: Felzenszwalb and Huttenlocher, "Distance Transforms of Sampled
// Functions", 2012. One pass per axis takes the lower envelope of parabolas; the passes add up to the squared distance.

/**
 * The distance of every voxel to the nearest site, in the unit of the spacing; infinite everywhere when there is no site.
 *
 * @param sites - non-zero where the distance is 0; last axis fastest
 * @param shape - sizes of the axes, of any number
 * @param spacing - distance between neighbours along each axis
 */
export function distanceTransform(
  sites: ArrayLike<number>,
  shape: readonly number[],
  spacing: readonly number[],
): Float64Array {
  const squared = Float64Array.from(sites, (site) => (site ? 0 : Infinity));
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    lowerEnvelopes(squared, shape[axis]!, stride, spacing[axis]!);
    stride *= shape[axis]!;
  }
  return squared.map(Math.sqrt);
}

/** Replaces every line along one axis by its lower envelope. */
function lowerEnvelopes(squared: Float64Array, size: number, stride: number, spacing: number): void {
  const line = new Float64Array(size);
  const apex = new Int32Array(size);
  const from = new Float64Array(size);
  const block = stride * size;
  for (let start = 0; start < squared.length; start += block) {
    for (let offset = start; offset < start + stride; offset++) {
      for (let i = 0; i < size; i++) line[i] = squared[offset + i * stride]!;
      envelope(line, spacing, apex, from, (i, value) => (squared[offset + i * stride] = value));
    }
  }
}

/**
 * The lower envelope of the parabolas (x - x_i)² + line_i at x_i = i · spacing. `apex` and `from` are room for the
 * parabolas on the envelope and where each begins.
 */
function envelope(
  line: Float64Array,
  spacing: number,
  apex: Int32Array,
  from: Float64Array,
  write: (index: number, value: number) => void,
): void {
  let last = -1;
  for (let i = 0; i < line.length; i++) {
    if (line[i] === Infinity) continue;
    const x = i * spacing;
    let begin = -Infinity;
    while (last >= 0) {
      const other = apex[last]! * spacing;
      begin = (line[i]! + x * x - line[apex[last]!]! - other * other) / (2 * (x - other));
      if (begin > from[last]!) break;
      last--;
      begin = -Infinity;
    }
    apex[++last] = i;
    from[last] = begin;
  }
  if (last < 0) return;
  let current = 0;
  for (let i = 0; i < line.length; i++) {
    const x = i * spacing;
    while (current < last && from[current + 1]! < x) current++;
    const distance = x - apex[current]! * spacing;
    write(i, distance * distance + line[apex[current]!]!);
  }
}
