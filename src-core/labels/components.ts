// Connected components of label maps, in two or three dimensions, and the clean-ups built on them.
import { BACKGROUND, IGNORE } from '../imaging/plane.ts';
import { sizeOf } from '../tensor/shape.ts';

/** `faces`: neighbours share a side (4 in a plane, 6 in a volume). `corners`: they touch at all (8, 26). */
export type Connectivity = 'faces' | 'corners';

/** The components of equal label ids. */
export interface Components {
  /** Per voxel the index of its component, in the order of their first voxels; last axis fastest. */
  readonly of: Int32Array;
  /** Per component its label id. */
  readonly labels: readonly number[];
  /** Per component its number of voxels. */
  readonly sizes: readonly number[];
}

/**
 * Divides a label map into components, each of one label id (background and ignored areas included).
 *
 * @param shape - `(rows, columns)` or `(slices, rows, columns)`
 */
export function connectedComponents(
  map: Uint8Array,
  shape: readonly number[],
  connectivity: Connectivity = 'faces',
): Components {
  const neighbours = neighbourhood(map, shape, connectivity);
  const of = new Int32Array(map.length).fill(-1);
  const labels: number[] = [];
  const sizes: number[] = [];
  const queue = new Int32Array(map.length);
  for (let seed = 0; seed < map.length; seed++) {
    if (of[seed] !== -1) continue;
    const label = map[seed]!;
    const component = labels.length;
    let queued = 0;
    of[seed] = component;
    queue[queued++] = seed;
    for (let done = 0; done < queued; done++) {
      neighbours(queue[done]!, (next) => {
        if (of[next] !== -1 || map[next] !== label) return;
        of[next] = component;
        queue[queued++] = next;
      });
    }
    labels.push(label);
    sizes.push(queued);
  }
  return { of, labels, sizes };
}

/**
 * Keeps the largest component of every class and makes the rest background; of equally large ones the first stays.
 *
 * @param only - leaves all classes but this one as they are
 */
export function keepLargestComponents(
  map: Uint8Array,
  shape: readonly number[],
  connectivity: Connectivity = 'faces',
  only?: number,
): Uint8Array {
  const { of, labels, sizes } = connectedComponents(map, shape, connectivity);
  const largest = new Map<number, number>();
  labels.forEach((label, component) => {
    const best = largest.get(label);
    if (best === undefined || sizes[component]! > sizes[best]!) largest.set(label, component);
  });
  return map.map((label, i) => (!isClass(label, only) || largest.get(label) === of[i] ? label : BACKGROUND));
}

/**
 * Makes every component of a class with fewer than `minimumVoxels` voxels background.
 *
 * @param only - leaves all classes but this one as they are
 */
export function removeSmallComponents(
  map: Uint8Array,
  shape: readonly number[],
  minimumVoxels: number,
  connectivity: Connectivity = 'faces',
  only?: number,
): Uint8Array {
  const { of, sizes } = connectedComponents(map, shape, connectivity);
  return map.map((label, i) => (!isClass(label, only) || sizes[of[i]!]! >= minimumVoxels ? label : BACKGROUND));
}

/**
 * Fills background that a single class encloses. Background that reaches the border of the array, or touches another
 * class or an ignored area, is no hole. A volume's first and last slice are borders too: fill short-axis stacks slice by slice.
 *
 * @param only - fills the holes of this class alone
 */
export function fillHoles(map: Uint8Array, shape: readonly number[], only?: number): Uint8Array {
  const { of, labels } = connectedComponents(map, shape, 'faces');
  const enclosing = enclosingClasses(map, shape, of, labels);
  const fills = (label: number): boolean => only === undefined || label === only;
  return map.map((label, i) => (label === BACKGROUND && fills(enclosing[of[i]!]!) ? enclosing[of[i]!]! : label));
}

/** Per component of background the class that encloses it, else background. */
function enclosingClasses(
  map: Uint8Array,
  shape: readonly number[],
  of: Int32Array,
  labels: readonly number[],
): Uint8Array {
  const neighbours = neighbourhood(map, shape, 'faces');
  const enclosing = new Uint8Array(labels.length);
  const open = new Uint8Array(labels.length);
  for (let i = 0; i < map.length; i++) {
    if (map[i] !== BACKGROUND) continue;
    const component = of[i]!;
    if (touchesBorder(i, shape)) open[component] = 1;
    neighbours(i, (next) => {
      const label = map[next]!;
      if (label === BACKGROUND) return;
      if (label === IGNORE || (enclosing[component] !== BACKGROUND && enclosing[component] !== label))
        open[component] = 1;
      enclosing[component] = label;
    });
  }
  return enclosing.map((label, component) => (open[component] === 1 ? BACKGROUND : label));
}

/** Whether a label is a class, and the one asked for. */
function isClass(label: number, only: number | undefined): boolean {
  return label !== BACKGROUND && label !== IGNORE && (only === undefined || label === only);
}

/** Axes of a single voxel have no border: a plane stored as a volume keeps its holes. */
function touchesBorder(index: number, shape: readonly number[]): boolean {
  let rest = index;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis]!;
    const at = rest % size;
    if (size > 1 && (at === 0 || at === size - 1)) return true;
    rest = (rest - at) / size;
  }
  return false;
}

/** Visits the neighbours of a voxel that lie inside the array. */
type Neighbourhood = (index: number, visit: (neighbour: number) => void) => void;

function neighbourhood(map: Uint8Array, shape: readonly number[], connectivity: Connectivity): Neighbourhood {
  if (shape.length < 2 || shape.length > 3) {
    throw new RangeError(`shape: expected 2 or 3 axes, got (${shape.join(', ')})`);
  }
  if (map.length !== sizeOf(shape)) {
    throw new RangeError(
      `label map: expected ${sizeOf(shape)} labels of shape (${shape.join(', ')}), got ${map.length}`,
    );
  }
  const [depth, height, width] = shape.length === 3 ? (shape as [number, number, number]) : [1, shape[0]!, shape[1]!]; // length just checked
  const steps = [-1, 0, 1].flatMap((z) => [-1, 0, 1].flatMap((y) => [-1, 0, 1].map((x) => ({ z, y, x }))));
  const offsets = steps.filter(({ z, y, x }) => {
    const moved = Math.abs(z) + Math.abs(y) + Math.abs(x);
    return connectivity === 'faces' ? moved === 1 : moved > 0;
  });
  return (index, visit) => {
    const x = index % width;
    const y = Math.floor(index / width) % height;
    const z = Math.floor(index / (width * height));
    for (const step of offsets) {
      const inside =
        x + step.x >= 0 &&
        x + step.x < width &&
        y + step.y >= 0 &&
        y + step.y < height &&
        z + step.z >= 0 &&
        z + step.z < depth;
      if (inside) visit(index + step.x + width * (step.y + height * step.z));
    }
  };
}
