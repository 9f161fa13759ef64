// What SSL4MIS and WSL4MIS keep in an HDF5 file: `image`, `label` and `scribble`, one slice or several, rows and columns last.
import { isRefusal, refuse, type Refusal } from '../../imaging/refusal.ts';
import type { PlaneValues, VoxelValues } from '../../imaging/voxels.ts';
import { findHdf5, type Hdf5Values } from './hdf5.ts';

/** Slices of one size, one after another. */
export interface ArrayStack {
  readonly width: number;
  readonly height: number;
  readonly slices: number;
  readonly values: VoxelValues;
}

/** An HDF5 file of slices. */
export interface StackFile {
  readonly image: ArrayStack;
  /** The class of every pixel. */
  readonly label?: ArrayStack;
  /** The class of some pixels; the id after the last class where nobody has said. */
  readonly scribble?: ArrayStack;
}

/** No more than this are colours, where they are the last axis of something larger. */
const MOST_CHANNELS = 4;

/** Reads a file's slices. Arrays beside `image` have its extents. */
export async function decodeStacks(bytes: Uint8Array): Promise<StackFile | Refusal> {
  const found = await findHdf5(bytes, ['image', 'label', 'scribble']);
  if (isRefusal(found)) return found;
  const { image, label, scribble } = found.arrays;
  if (!image) return refuse('an array "image"', found.keys.length > 0 ? `only ${found.keys.join(', ')}` : 'none');
  const stack = stackOf('image', image);
  if (isRefusal(stack)) return stack;
  for (const [name, beside] of Object.entries({ label, scribble })) {
    if (!beside || beside.shape.join() === image.shape.join()) continue;
    return refuse(`"${name}" of the image's size, ${image.shape.join(' x ')}`, beside.shape.join(' x '));
  }
  return {
    image: stack,
    ...(label && { label: { ...stack, values: label.data } }),
    ...(scribble && { scribble: { ...stack, values: scribble.data } }),
  };
}

function stackOf(name: string, { shape, data }: Hdf5Values): ArrayStack | Refusal {
  const [width = 0, height = 0, slices = 1, ...more] = [...shape].reverse();
  const words = `"${name}" of rows and columns, or of slices, rows and columns`;
  if (more.some((extent) => extent !== 1) || width < 1 || height < 1 || slices < 1) {
    return refuse(words, shape.join(' x ') || 'a single number');
  }
  if (shape.length > 2 && width <= MOST_CHANNELS && Math.min(height, slices) > 4 * MOST_CHANNELS) {
    return refuse(words, `${shape.join(' x ')}, which looks like ${width} colours`);
  }
  return { width, height, slices, values: data };
}

/** Values of one slice of a stack. */
export function planeOf({ width, height, slices, values }: ArrayStack, slice: number): PlaneValues | Refusal {
  if (slice >= slices) return refuse(`slice ${slice + 1}`, `${slices} slices`);
  const size = width * height;
  return { width, height, channels: 1, values: values.subarray(slice * size, (slice + 1) * size) };
}
