import { backend_util } from '@tensorflow/tfjs-core';
import { traceKernel } from '../tracing-backend.ts';
import type { Value } from '../graph.ts';
import { padded, reshape, sliced, transpose } from './shapes.ts';

type Pairs = readonly (readonly [number, number])[];

/** Operations that exchange blocks of space with the batch or with the channels, each as reshape, transpose, reshape. */
export function registerBlocks(): void {
  traceKernel('DepthToSpace', ({ inputs, attributes, graph }) => {
    const x = inputs['x']!;
    if (attributes['dataFormat'] !== 'NHWC') throw new Error('DepthToSpace: only NHWC is traced');
    const b = attributes['blockSize'] as number;
    const [n, h, w, c] = x.shape as [number, number, number, number];
    const depth = c / (b * b);
    const split = reshape(graph, x, [n, h, w, b, b, depth]);
    return reshape(graph, transpose(graph, split, [0, 1, 3, 2, 4, 5]), [n, h * b, w * b, depth]);
  });
  traceKernel('BatchToSpaceND', ({ inputs, attributes, graph }) => {
    const x = inputs['x']!;
    const { block, size } = blockOf(attributes['blockShape']);
    const crops = attributes['crops'] as number[][];
    const split = reshape(graph, x, backend_util.getReshaped([...x.shape], block, size));
    const moved = transpose(graph, split, backend_util.getPermuted(split.shape.length, block.length));
    const joined = reshape(graph, moved, backend_util.getReshapedPermuted([...x.shape], block, size));
    const begin = backend_util.getSliceBeginCoords(crops, block.length);
    const kept = backend_util.getSliceSize([...joined.shape], crops, block.length);
    return sliced(graph, joined, begin, [...kept, ...joined.shape.slice(kept.length)]);
  });
  // The gradient of BatchToSpaceND.
  traceKernel('SpaceToBatchND', ({ inputs, attributes, graph }): Value => {
    const { block, size } = blockOf(attributes['blockShape']);
    const given = attributes['paddings'] as [number, number][];
    const rest = inputs['x']!.shape.slice(1 + block.length).map(() => [0, 0] as const);
    const paddings: Pairs = [[0, 0], ...given, ...rest];
    const x = padded(graph, inputs['x']!, paddings, 0);
    const split = reshape(graph, x, backend_util.getReshaped([...x.shape], block, size, false));
    const moved = transpose(graph, split, backend_util.getPermuted(split.shape.length, block.length, false));
    return reshape(graph, moved, backend_util.getReshapedPermuted([...x.shape], block, size, false));
  });
}

function blockOf(blockShape: unknown): { readonly block: number[]; readonly size: number } {
  const block = blockShape as number[]; // tfjs checks its own attribute
  return { block, size: block.reduce((product, n) => product * n, 1) };
}
