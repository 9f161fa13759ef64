// Gaussian filtering in many dimensions on the permutohedral lattice: Adams, Baek and Davis, "Fast High-Dimensional
// Filtering Using the Permutohedral Lattice", Eurographics 2010, section 3.
// Differs from the paper: vertices are found once and numbered, so that the same features filter again and again.

/** Step between neighbours that makes the blur a unit Gaussian in feature space (section 3.1 of the paper). */
const BLUR_DEVIATION = Math.sqrt(2 / 3);

/**
 * What splatting, blurring and slicing multiply a dense sum by: the blur's mass 2^(d+1), a vertex's share of feature space
 * (3/2)^(d/2) / √(d+1), and the Gaussian's integral (2π)^(d/2).
 */
function blurGain(d: number): number {
  return (2 ** (d + 1) * 1.5 ** (d / 2)) / (Math.sqrt(d + 1) * (2 * Math.PI) ** (d / 2));
}

/** The smallest capacity of the vertex table; a power of two, as every capacity is. */
const INITIAL_CAPACITY = 1 << 12;

/** The points of a set of features on the lattice, ready to filter values. */
export interface PermutohedralLattice {
  /** How many lattice vertices the points touch. */
  readonly vertices: number;
  /**
   * Σ_j exp(-|f_i - f_j|² / 2) · values_j at every point i, approximately.
   *
   * @param values - C numbers per point; `(points, C)`
   * @returns `(points, C)`
   */
  filter(values: Float32Array, C: number): Float32Array;
}

/**
 * Places points on the lattice.
 *
 * @param features - coordinates in units of the kernel's standard deviation; `(points, dimensions)`
 */
export function permutohedralLattice(features: Float32Array, dimensions: number): PermutohedralLattice {
  if (!(dimensions >= 1) || features.length % dimensions !== 0) {
    throw new RangeError(`lattice features: expected a multiple of ${dimensions} numbers, got ${features.length}`);
  }
  const table = new VertexTable(dimensions);
  const placement = placePoints(features, dimensions, table);
  const neighbours = neighbourVertices(table, dimensions);
  const vertices = table.size;
  return {
    vertices,
    filter(values, C) {
      if (values.length * dimensions !== features.length * C) {
        throw new RangeError(
          `lattice values: expected ${(features.length / dimensions) * C} numbers, got ${values.length}`,
        );
      }
      const splatted = splat(values, C, placement, vertices);
      return slice(blur(splatted, C, neighbours, vertices), C, placement, blurGain(dimensions));
    },
  };
}

interface Placement {
  /** d + 1 */
  readonly cornersPerPoint: number;
  /** Vertex of each corner of the simplex around each point, counted from 1; `(points, dimensions + 1)` */
  readonly corners: Int32Array;
  /** Barycentric weight of each corner; `(points, dimensions + 1)` */
  readonly weights: Float32Array;
}

/** Finds the simplex around every point (section 3.2, "splat"). */
function placePoints(features: Float32Array, d: number, table: VertexTable): Placement {
  const points = features.length / d;
  const corners = new Int32Array(points * (d + 1));
  const weights = new Float32Array(points * (d + 1));
  const elevated = new Float64Array(d + 1);
  const origin = new Int32Array(d + 1);
  const rank = new Int32Array(d + 1);
  const barycentric = new Float64Array(d + 2);
  const key = new Int32Array(d);
  for (let point = 0; point < points; point++) {
    elevate(features, point * d, elevated);
    nearestOrigin(elevated, origin, rank);
    barycentricWeights(elevated, origin, rank, barycentric);
    for (let colour = 0; colour <= d; colour++) {
      for (let i = 0; i < d; i++) {
        const shift = rank[i]! <= d - colour ? colour : colour - (d + 1);
        key[i] = origin[i]! + shift;
      }
      corners[point * (d + 1) + colour] = table.insert(key);
      weights[point * (d + 1) + colour] = barycentric[colour]!;
    }
  }
  return { cornersPerPoint: d + 1, corners, weights };
}

/** Maps a point into the hyperplane of zero sum, scaled so that the blur has unit deviation. */
function elevate(features: Float32Array, at: number, elevated: Float64Array): void {
  const d = elevated.length - 1;
  let total = 0;
  for (let i = d; i > 0; i--) {
    const scaled = (features[at + i - 1]! * BLUR_DEVIATION * (d + 1)) / Math.sqrt(i * (i + 1));
    elevated[i] = total - i * scaled;
    total += scaled;
  }
  elevated[0] = total;
}

/** The nearest remainder-0 vertex, and the order of the differences to it, largest first. */
function nearestOrigin(elevated: Float64Array, origin: Int32Array, rank: Int32Array): void {
  const d = elevated.length - 1;
  let excess = 0;
  for (let i = 0; i <= d; i++) {
    const multiple = Math.round(elevated[i]! / (d + 1));
    origin[i] = multiple * (d + 1);
    excess += multiple;
  }
  rank.fill(0);
  for (let i = 0; i < d; i++) {
    for (let j = i + 1; j <= d; j++) {
      const later = elevated[i]! - origin[i]! < elevated[j]! - origin[j]! ? i : j;
      rank[later]!++;
    }
  }
  // Rounding may have left the zero-sum plane: step back along the coordinates that were rounded furthest.
  for (let i = 0; i <= d; i++) {
    rank[i]! += excess;
    if (rank[i]! > d) {
      rank[i]! -= d + 1;
      origin[i]! -= d + 1;
    } else if (rank[i]! < 0) {
      rank[i]! += d + 1;
      origin[i]! += d + 1;
    }
  }
}

function barycentricWeights(
  elevated: Float64Array,
  origin: Int32Array,
  rank: Int32Array,
  barycentric: Float64Array,
): void {
  const d = elevated.length - 1;
  barycentric.fill(0);
  for (let i = 0; i <= d; i++) {
    const share = (elevated[i]! - origin[i]!) / (d + 1);
    barycentric[d - rank[i]!]! += share;
    barycentric[d + 1 - rank[i]!]! -= share;
  }
  barycentric[0]! += 1 + barycentric[d + 1]!;
}

/** The two neighbours of every vertex along each of the d + 1 directions, 0 where there is none; `(d + 1, vertices, 2)`. */
function neighbourVertices(table: VertexTable, d: number): Int32Array {
  const neighbours = new Int32Array((d + 1) * table.size * 2);
  const before = new Int32Array(d);
  const after = new Int32Array(d);
  for (let direction = 0; direction <= d; direction++) {
    for (let vertex = 0; vertex < table.size; vertex++) {
      for (let i = 0; i < d; i++) {
        const step = i === direction ? d : -1;
        const coordinate = table.coordinate(vertex + 1, i);
        before[i] = coordinate + step;
        after[i] = coordinate - step;
      }
      const at = (direction * table.size + vertex) * 2;
      neighbours[at] = table.find(before);
      neighbours[at + 1] = table.find(after);
    }
  }
  return neighbours;
}

/** Sums of the points' values at the vertices; `(1 + vertices, C)`, row 0 stays zero and stands for "no vertex". */
function splat(values: Float32Array, C: number, placement: Placement, vertices: number): Float32Array {
  const { corners, weights, cornersPerPoint } = placement;
  const sums = new Float32Array((vertices + 1) * C);
  for (let k = 0; k < corners.length; k++) {
    const to = corners[k]! * C;
    const from = Math.floor(k / cornersPerPoint) * C;
    const weight = weights[k]!;
    for (let c = 0; c < C; c++) sums[to + c]! += weight * values[from + c]!;
  }
  return sums;
}

/** One pass of (½, 1, ½) along each direction. */
function blur(sums: Float32Array, C: number, neighbours: Int32Array, vertices: number): Float32Array {
  let current = sums;
  let next: Float32Array = new Float32Array(sums.length);
  for (let start = 0; start < neighbours.length; start += vertices * 2) {
    for (let vertex = 0; vertex < vertices; vertex++) {
      const at = (vertex + 1) * C;
      const before = neighbours[start + vertex * 2]! * C;
      const after = neighbours[start + vertex * 2 + 1]! * C;
      for (let c = 0; c < C; c++) next[at + c] = current[at + c]! + 0.5 * (current[before + c]! + current[after + c]!);
    }
    [current, next] = [next, current];
  }
  return current;
}

/** Reads the vertices back at the points, divided by `gain`. */
function slice(sums: Float32Array, C: number, placement: Placement, gain: number): Float32Array {
  const { corners, weights, cornersPerPoint } = placement;
  const values = new Float32Array((corners.length / cornersPerPoint) * C);
  for (let k = 0; k < corners.length; k++) {
    const from = corners[k]! * C;
    const to = Math.floor(k / cornersPerPoint) * C;
    const weight = weights[k]! / gain;
    for (let c = 0; c < C; c++) values[to + c]! += weight * sums[from + c]!;
  }
  return values;
}

/** Vertices by their integer coordinates, numbered from 1 in order of appearance; open addressing. */
class VertexTable {
  readonly #d: number;
  #size = 0;
  #keys: Int32Array;
  #slots: Int32Array;

  constructor(dimensions: number) {
    this.#d = dimensions;
    this.#slots = new Int32Array(INITIAL_CAPACITY);
    this.#keys = new Int32Array((INITIAL_CAPACITY / 2) * dimensions);
  }

  get size(): number {
    return this.#size;
  }

  coordinate(vertex: number, axis: number): number {
    return this.#keys[(vertex - 1) * this.#d + axis]!;
  }

  /** The number of the vertex, 0 when there is none. */
  find(key: Int32Array): number {
    return this.#slots[this.#slotOf(key)]!;
  }

  /** The number of the vertex, a new one when there was none. */
  insert(key: Int32Array): number {
    const slot = this.#slotOf(key);
    const found = this.#slots[slot]!;
    if (found !== 0) return found;
    this.#keys.set(key, this.#size * this.#d);
    this.#size++;
    this.#slots[slot] = this.#size;
    if (this.#size * 2 >= this.#slots.length) this.#grow();
    return this.#size;
  }

  /** Where the key lies, or the free slot where it would. */
  #slotOf(key: Int32Array): number {
    const mask = this.#slots.length - 1;
    let slot = hash(key, 0, this.#d) & mask;
    for (;;) {
      const vertex = this.#slots[slot]!;
      if (vertex === 0 || this.#holds(vertex, key)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #holds(vertex: number, key: Int32Array): boolean {
    const start = (vertex - 1) * this.#d;
    for (let i = 0; i < this.#d; i++) if (this.#keys[start + i] !== key[i]) return false;
    return true;
  }

  #grow(): void {
    const keys = new Int32Array(this.#keys.length * 2);
    keys.set(this.#keys);
    this.#keys = keys;
    this.#slots = new Int32Array(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    for (let vertex = 1; vertex <= this.#size; vertex++) {
      let slot = hash(keys, (vertex - 1) * this.#d, this.#d) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = vertex;
    }
  }
}

/** Mixes d integers from `start` on (FNV-1a's prime, with a final shift: the table reads the low bits). */
function hash(keys: Int32Array, start: number, d: number): number {
  let mixed = 0x811c9dc5;
  for (let i = 0; i < d; i++) mixed = Math.imul(mixed ^ keys[start + i]!, 0x01000193);
  return mixed ^ (mixed >>> 15);
}
