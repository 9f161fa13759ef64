// Every operation of the tensor door with the inputs that the engine contract suite runs it on.
import * as door from '../../../src-core/tensor/index.ts';
import { sizeOf, type Tensor } from '../../../src-core/tensor/index.ts';
import { float32, type HostTensor } from '../../../src-core/compile/index.ts';
import { createRandom } from '../../../src-core/training/random.ts';

export interface OperationCase {
  /** What this case is about, where an operation has several. */
  readonly about?: string;
  readonly inputs: readonly HostTensor[];
  readonly run: (...inputs: Tensor[]) => Tensor;
  /** Why there is no gradient to compare; left out where there is one. */
  readonly noGradient?: string;
}

/** The cases of an operation, or why an export computes nothing that an engine would run. */
export type OperationRow = readonly OperationCase[] | { readonly nothingToRun: string };

const TFJS_STRETCHED = 'tfjs throws: its gradient keeps the stretched shape';
const TFJS_CUMSUM = 'tfjs throws: its gradient is right along the last axis only';

type OneInput = (x: Tensor) => Tensor;
type TwoInputs = (a: Tensor, b: Tensor) => Tensor;

const BOOLEAN = 'the result is boolean';
const INTEGER = 'the result is an integer, constant between jumps';
const NO_TFJS_GRADIENT = 'tfjs defines no gradient, the method uses it on constants only';

/** Standard normal values; the first three are 0, 1 and -1, where kinks and special cases sit. */
function normal(shape: readonly number[], seed = 1): HostTensor {
  const random = createRandom(seed);
  const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => [0, 1, -1][i] ?? random.normal());
  return float32(shape, data);
}

/** Values from 0.2 to 2.2. */
function positive(shape: readonly number[], seed = 2): HostTensor {
  const random = createRandom(seed);
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => 0.2 + 2 * random.uniform()),
  );
}

function integers(shape: readonly number[], values: readonly number[]): HostTensor {
  const data = Int32Array.from({ length: sizeOf(shape) }, (_, i) => values[i % values.length]!);
  return { shape, dtype: 'int32', data };
}

const unary = (run: OneInput): OperationCase[] => [{ inputs: [normal([2, 3, 4])], run }];
const unaryPositive = (run: OneInput): OperationCase[] => [{ inputs: [positive([2, 3, 4])], run }];

/** Equal shapes, broadcasting both ways, and a constant on either side. */
function binary(run: TwoInputs, second = normal): OperationCase[] {
  return [
    { about: 'equal shapes', inputs: [normal([2, 3, 4]), second([2, 3, 4], 3)], run },
    { about: 'a row over a batch', inputs: [normal([2, 3, 4]), second([4], 3)], run },
    { about: 'both sides stretched', inputs: [normal([2, 1, 4]), second([3, 1], 3)], run },
    { about: 'a scalar', inputs: [normal([2, 3]), second([], 3)], run },
    { about: 'a constant', inputs: [normal([2, 3])], run: (x) => run(x, door.scalar(0.5)) },
  ];
}

/** Some gradients of tfjs do not sum over the axes that broadcasting has stretched. */
function withoutStretchedGradients(cases: readonly OperationCase[]): OperationCase[] {
  return cases.map((given) => {
    const [a, b] = given.inputs;
    return b && a?.shape.join() !== b.shape.join() ? { ...given, noGradient: TFJS_STRETCHED } : given;
  });
}

function comparison(run: TwoInputs): OperationCase[] {
  return [
    { about: 'floats', inputs: [normal([2, 3, 4]), normal([3, 1], 3)], run, noGradient: BOOLEAN },
    { about: 'itself', inputs: [normal([2, 3])], run: (x) => run(x, x), noGradient: BOOLEAN },
    {
      about: 'integers',
      inputs: [integers([2, 3], [1, 5, 3]), integers([2, 3], [2, 3])],
      run,
      noGradient: BOOLEAN,
    },
  ];
}

/** The logic of two masks, given as the signs of two inputs. */
function logic(run: TwoInputs): OperationCase[] {
  return [
    {
      inputs: [normal([2, 3, 4]), normal([3, 4], 3)],
      run: (a, b) => run(door.greater(a, 0), door.greater(b, 0)),
      noGradient: BOOLEAN,
    },
  ];
}

function reduction(run: (x: Tensor, axis?: number | number[], keepDims?: boolean) => Tensor): OperationCase[] {
  return [
    { about: 'everything', inputs: [normal([2, 3, 4])], run: (x) => run(x) },
    { about: 'the last axis', inputs: [normal([2, 3, 4])], run: (x) => run(x, -1) },
    { about: 'the middle axis, kept', inputs: [normal([2, 3, 4])], run: (x) => run(x, 1, true) },
    { about: 'two axes', inputs: [normal([2, 3, 4])], run: (x) => run(x, [0, 2]) },
    { about: 'an axis of size 1', inputs: [normal([2, 1, 4])], run: (x) => run(x, 1) },
  ];
}

const products: OperationCase[] = [
  ...[0, 1, 2, 3].map((bits): OperationCase => {
    const [ta, tb] = [(bits & 1) > 0, (bits & 2) > 0];
    return {
      about: `${ta ? 'Aᵀ' : 'A'}${tb ? 'Bᵀ' : 'B'}`,
      inputs: [normal(ta ? [3, 2] : [2, 3]), normal(tb ? [4, 3] : [3, 4], 3)],
      run: (a, b) => door.matMul(a, b, ta, tb),
    };
  }),
  {
    about: 'batches',
    inputs: [normal([2, 2, 3]), normal([2, 4, 3], 3)],
    run: (a, b) => door.matMul(a, b, false, true),
  },
  {
    about: 'two batch axes',
    inputs: [normal([2, 2, 2, 3]), normal([2, 2, 3, 2], 3)],
    run: (a, b) => door.matMul(a, b),
  },
  {
    about: 'one matrix for a batch',
    inputs: [normal([1, 2, 3]), normal([2, 3, 2], 3)],
    run: (a, b) => door.matMul(a, b),
    noGradient: TFJS_STRETCHED,
  },
];

const whole = (side: number) => normal([2, 3, side, side + 1]);

/** One row for each export of `src-core/tensor/index.ts`. */
export const OPERATIONS: Readonly<Record<string, OperationRow>> = {
  abs: unary((x) => door.abs(x)),
  add: binary((a, b) => door.add(a, b)),
  addN: [
    { inputs: [normal([2, 3]), normal([2, 3], 3), normal([2, 3], 4)], run: (a, b, c) => door.addN([a, b, c]) },
    { about: 'one', inputs: [normal([2, 3])], run: (a) => door.addN([a]) },
  ],
  argMax: [{ inputs: [normal([2, 3, 4])], run: (x) => door.argMax(x, 1), noGradient: INTEGER }],
  batchToSpaceND: [
    {
      inputs: [normal([8, 2, 3, 2])],
      run: (x) =>
        door.batchToSpaceND(
          x,
          [2, 2],
          [
            [0, 1],
            [1, 0],
          ],
        ),
    },
  ],
  bindShape: { nothingToRun: 'checks shapes' },
  broadcastTo: [{ inputs: [normal([3, 1])], run: (x) => door.broadcastTo(x, [2, 3, 4]) }],
  cast: [
    { about: 'integers to floats', inputs: [integers([4], [-2, 0, 3])], run: (x) => door.cast(x, 'float32') },
    {
      about: 'floats to integers, towards zero',
      inputs: [normal([2, 5])],
      run: (x) => door.cast(door.mul(x, 3), 'int32'),
      noGradient: INTEGER,
    },
    {
      about: 'masks to floats',
      inputs: [normal([2, 5])],
      run: (x) => door.cast(door.greater(x, 0), 'float32'),
      noGradient: BOOLEAN,
    },
    {
      about: 'floats to masks',
      inputs: [normal([2, 5])],
      run: (x) => door.cast(x, 'bool'),
      noGradient: BOOLEAN,
    },
  ],
  clipByValue: unary((x) => door.clipByValue(x, -0.5, 0.75)),
  concat: [
    { about: 'first axis', inputs: [normal([1, 3]), normal([2, 3], 3)], run: (a, b) => door.concat([a, b], 0) },
    { about: 'last axis', inputs: [normal([2, 1]), normal([2, 3], 3)], run: (a, b) => door.concat([a, b], -1) },
  ],
  convolution: [
    { about: '3 x 3', inputs: [normal([2, 4, 5, 2]), normal([3, 3, 2, 3], 3)], run: (x, w) => door.convolution(x, w) },
    { about: '1 x 1', inputs: [normal([2, 4, 5, 2]), normal([1, 1, 2, 3], 3)], run: (x, w) => door.convolution(x, w) },
    {
      about: 'dilated',
      inputs: [normal([1, 6, 5, 2]), normal([3, 3, 2, 3], 3)],
      run: (x, w) => door.convolution(x, w, 2),
    },
    {
      about: 'a constant weight',
      inputs: [normal([1, 6, 5, 2])],
      run: (x) => door.convolution(x, door.ones([3, 3, 2, 1])),
    },
  ],
  cumsum: [
    { inputs: [normal([2, 3, 4])], run: (x) => door.cumsum(x, 2) },
    { about: 'the middle axis', inputs: [normal([2, 3, 4])], run: (x) => door.cumsum(x, 1), noGradient: TFJS_CUMSUM },
    { about: 'exclusive, from the end', inputs: [normal([2, 3, 4])], run: (x) => door.cumsum(x, 2, true, true) },
  ],
  customGrad: [
    {
      inputs: [normal([2, 3])],
      run: (x) =>
        door.customGrad((a) => ({ value: door.mul(a as Tensor, 2), gradFunc: (dy) => door.mul<Tensor>(dy, 5) }))(x),
    },
  ],
  depthToSpace: [
    { inputs: [normal([2, 2, 3, 8])], run: (x) => door.depthToSpace(x as never, 2), noGradient: NO_TFJS_GRADIENT },
  ],
  differentiate: [
    {
      inputs: [normal([2, 3])],
      run: (x) => door.differentiate(() => door.sum(door.square(door.mul(x, x))), [x]).gradients[0]!,
    },
  ],
  div: binary((a, b) => door.div(a, b), positive),
  equal: comparison((a, b) => door.equal(a, b)),
  erf: unary((x) => door.erf(x)),
  exp: unary((x) => door.exp(x)),
  expandDims: [
    { about: 'inside', inputs: [normal([2, 3])], run: (x) => door.expandDims(x, 1) },
    { about: 'at the end', inputs: [normal([2, 3])], run: (x) => door.expandDims(x, -1) },
  ],
  fill: [{ inputs: [normal([2, 3])], run: (x) => door.mul(x, door.fill([2, 3], 2.5)) }],
  gather: [
    {
      about: 'rows by indices known when traced',
      inputs: [normal([4, 3])],
      run: (x) => door.gather(x, door.tensor([3, 0, 3], [3], 'int32')),
    },
    {
      about: 'indices that come in',
      inputs: [normal([2, 4, 3]), integers([3], [2, 0, 2])],
      run: (x, i) => door.gather(x, i, 1),
    },
  ],
  gelu: unary((x) => door.gelu(x)),
  grad: [{ inputs: [normal([2, 3])], run: (x) => door.grad((a: Tensor) => door.exp(a))(x) }],
  grads: [
    {
      inputs: [normal([2, 3]), normal([2, 3], 3)],
      run: (a, b) => door.add(...(door.grads((x: Tensor, y: Tensor) => door.mul(x, y))([a, b]) as [Tensor, Tensor])),
    },
  ],
  greater: comparison((a, b) => door.greater(a, b)),
  greaterEqual: comparison((a, b) => door.greaterEqual(a, b)),
  keep: { nothingToRun: 'manages memory' },
  layerNorm: [
    {
      inputs: [normal([2, 3, 8]), positive([8]), normal([8], 3)],
      run: (x, scale, shift) => door.layerNorm(x, scale, shift, 1e-5),
    },
  ],
  less: comparison((a, b) => door.less(a, b)),
  lessEqual: comparison((a, b) => door.lessEqual(a, b)),
  linear: [
    { inputs: [normal([2, 3, 4]), normal([5, 4], 3), normal([5], 4)], run: (x, w, b) => door.linear(x, w, b) },
    { about: 'without a bias', inputs: [normal([3, 4]), normal([5, 4], 3)], run: (x, w) => door.linear(x, w) },
  ],
  log: unaryPositive((x) => door.log(x)),
  logSumExp: [
    { inputs: [normal([2, 3, 4])], run: (x) => door.logSumExp(x, -1) },
    { about: 'large values', inputs: [normal([2, 3, 4])], run: (x) => door.logSumExp(door.mul(x, 200), 1) },
  ],
  logicalAnd: logic((a, b) => door.logicalAnd(a, b)),
  logicalNot: [{ inputs: [normal([2, 3])], run: (x) => door.logicalNot(door.greater(x, 0)), noGradient: BOOLEAN }],
  logicalOr: logic((a, b) => door.logicalOr(a, b)),
  matMul: products,
  max: reduction((x, axis, keepDims) => door.max(x, axis, keepDims)),
  maximum: withoutStretchedGradients(binary((a, b) => door.maximum(a, b))),
  mean: reduction((x, axis, keepDims) => door.mean(x, axis, keepDims)),
  min: reduction((x, axis, keepDims) => door.min(x, axis, keepDims)),
  minimum: withoutStretchedGradients(binary((a, b) => door.minimum(a, b))),
  mirrorPad: [
    {
      inputs: [normal([2, 3, 4])],
      run: (x) =>
        door.mirrorPad(
          x,
          [
            [0, 0],
            [1, 2],
            [2, 0],
          ],
          'reflect',
        ),
      noGradient: NO_TFJS_GRADIENT,
    },
  ],
  mul: binary((a, b) => door.mul(a, b)),
  neg: unary((x) => door.neg(x)),
  notEqual: comparison((a, b) => door.notEqual(a, b)),
  oneHot: [
    { inputs: [integers([2, 3], [0, 2, 1, 3])], run: (x) => door.oneHot(x, 4), noGradient: INTEGER },
    {
      about: 'values of its own, an index outside',
      inputs: [integers([5], [0, 7, 1, -1])],
      run: (x) => door.oneHot(x, 3, 2, -1, 'float32'),
      noGradient: INTEGER,
    },
  ],
  ones: [{ inputs: [normal([2, 3])], run: (x) => door.add(x, door.ones([2, 3])) }],
  onesLike: [{ inputs: [normal([2, 3])], run: (x) => door.add(x, door.onesLike(x)) }],
  pad: [
    {
      inputs: [normal([2, 3])],
      run: (x) =>
        door.pad(
          x,
          [
            [1, 0],
            [2, 1],
          ],
          0.5,
        ),
    },
  ],
  padEdge: [{ inputs: [normal([2, 3, 4])], run: (x) => door.padEdge(x, 2) }],
  pow: [
    ...binary((a, b) => door.pow(door.add(door.abs(a), 0.1), b), positive),
    { about: 'a whole number', inputs: [normal([2, 3])], run: (x) => door.pow(x, 2) },
  ],
  range: [{ inputs: [normal([4])], run: (x) => door.mul(x, door.range(0, 8, 2)) }],
  reciprocal: unaryPositive((x) => door.reciprocal(x)),
  relu: unary((x) => door.relu(x)),
  reshape: [
    { inputs: [normal([2, 3, 4])], run: (x) => door.reshape(x, [4, 6]) },
    { about: 'a size to work out', inputs: [normal([2, 3, 4])], run: (x) => door.reshape(x, [-1, 2]) },
  ],
  resizeBicubic: [
    { about: 'larger', inputs: [whole(4)], run: (x) => door.resizeBicubic(x, [7, 9]) },
    { about: 'smaller', inputs: [whole(6)], run: (x) => door.resizeBicubic(x, [3, 4]) },
  ],
  resizeBilinear: [
    { about: 'larger', inputs: [whole(4)], run: (x) => door.resizeBilinear(x, [7, 9]) },
    { about: 'smaller', inputs: [whole(6)], run: (x) => door.resizeBilinear(x, [3, 4]) },
  ],
  resizeNearest: [{ inputs: [whole(4)], run: (x) => door.resizeNearest(x, [7, 3]) }],
  reverse: [
    { about: 'two axes', inputs: [normal([2, 3, 4])], run: (x) => door.reverse(x, [0, 2]) },
    { about: 'the last axis', inputs: [normal([2, 3])], run: (x) => door.reverse(x, -1) },
  ],
  rsqrt: unaryPositive((x) => door.rsqrt(x)),
  scalar: [{ inputs: [normal([2, 3])], run: (x) => door.sub(door.scalar(2), x) }],
  sigmoid: unary((x) => door.sigmoid(x)),
  sign: unary((x) => door.sign(x)),
  sizeOf: { nothingToRun: 'multiplies sizes' },
  slice: [
    { inputs: [normal([3, 4, 5])], run: (x) => door.slice(x, [1, 0, 2], [2, 4, 2]) },
    { about: 'the first axes only', inputs: [normal([3, 4, 5])], run: (x) => door.slice(x, [1], [1]) },
    { about: 'up to the end', inputs: [normal([3, 4])], run: (x) => door.slice(x, [0, 1], [-1, -1]) },
  ],
  softmax: [{ inputs: [normal([2, 3, 4])], run: (x) => door.softmax(x) }],
  softplus: unary((x) => door.softplus(x)),
  split: [
    {
      about: 'equal parts',
      inputs: [normal([2, 4])],
      run: (x) => door.sub(...(door.split(x, 2, 1) as [Tensor, Tensor])),
    },
    { about: 'given sizes', inputs: [normal([5, 2])], run: (x) => door.split(x, [1, 3, 1], 0)[1]! },
  ],
  sqrt: unaryPositive((x) => door.sqrt(x)),
  square: unary((x) => door.square(x)),
  squeeze: [{ inputs: [normal([2, 1, 3, 1])], run: (x) => door.squeeze(x, [1]) }],
  stack: [{ inputs: [normal([2, 3]), normal([2, 3], 3)], run: (a, b) => door.stack([a, b], 1) }],
  stopGradient: [{ inputs: [normal([2, 3])], run: (x) => door.mul(x, door.stopGradient(x)) }],
  sub: binary((a, b) => door.sub(a, b)),
  sum: [
    ...reduction((x, axis, keepDims) => door.sum(x, axis, keepDims)),
    {
      about: 'a mask',
      inputs: [normal([2, 3])],
      run: (x) => door.sum(door.greater(x, 0), 1),
      noGradient: INTEGER,
    },
  ],
  tanh: unary((x) => door.tanh(x)),
  tensor: [{ inputs: [normal([3])], run: (x) => door.mul(x, door.tensor([1, 2, 3])) }],
  tidy: { nothingToRun: 'manages memory' },
  tile: [
    { inputs: [normal([2, 3])], run: (x) => door.tile(x, [2, 3]) },
    { about: 'an axis of size 1', inputs: [normal([2, 1, 3])], run: (x) => door.tile(x, [1, 4, 1]) },
  ],
  transpose: [
    { inputs: [normal([2, 3, 4])], run: (x) => door.transpose(x, [2, 0, 1]) },
    { about: 'without an order', inputs: [normal([2, 3, 4])], run: (x) => door.transpose(x) },
    { about: 'an axis of size 1', inputs: [normal([2, 1, 4])], run: (x) => door.transpose(x, [1, 0, 2]) },
  ],
  unstack: [
    { inputs: [normal([2, 3, 2])], run: (x) => door.addN(door.unstack(x, 1).map((part, i) => door.mul(part, i + 1))) },
  ],
  valueAndGrads: [
    {
      inputs: [normal([2, 3]), normal([2, 3], 3)],
      run: (a, b) => {
        const { value, grads } = door.valueAndGrads((x: Tensor, y: Tensor) => door.sum(door.mul(x, door.exp(y))))([
          a,
          b,
        ]);
        return door.add(value, door.mul(grads[0]!, grads[1]!));
      },
    },
  ],
  where: [
    {
      inputs: [integers([2, 3], [1, 0]), normal([2, 3], 3), normal([2, 3], 4)],
      run: (c, a, b) => door.where(door.greater(c, 0), a, b),
    },
    {
      about: 'stretched',
      inputs: [integers([2, 1], [1, 0]), normal([2, 3], 3)],
      run: (c, a) => door.where(door.greater(c, 0), a, door.scalar(0)),
    },
  ],
  zeros: [{ inputs: [normal([2, 3])], run: (x) => door.maximum(x, door.zeros([2, 3])) }],
  zerosLike: [{ inputs: [normal([2, 3])], run: (x) => door.maximum(x, door.zerosLike(x)) }],
};

/** Names of everything the door exports. */
export const EXPORTED = Object.keys(door).sort();
