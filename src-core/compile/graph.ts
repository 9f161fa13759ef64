import onnxProto, { type onnx } from 'onnx-proto';
import type { DataType } from '@tensorflow/tfjs-core';

export type TypedArray = Float32Array | Int32Array | Uint8Array | BigInt64Array;
export type Attribute = number | string | readonly number[] | { readonly float: number };

/** A value of the graph: an input, a node's output, or a constant with its data. */
export interface Value {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DataType;
  readonly constant?: Float32Array | Int32Array | Uint8Array;
}

interface Node {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface GraphOutput {
  readonly name: string;
  readonly value: Value;
}

/** Version of the standard operators that models are written in. */
export const OPSET = 20;
const IR_VERSION = 9;
const ELEMENT = onnxProto.onnx.TensorProto.DataType;

/** Builds one ONNX graph: equal nodes and equal constants are written once, nodes that nothing reads are left out. */
export class Graph {
  readonly #nodes: Node[] = [];
  readonly #nodeByKey = new Map<string, readonly Value[]>();
  readonly #initialisers = new Map<string, onnx.ITensorProto>();
  readonly #initialiserByContent = new Map<string, string>();
  readonly #inputs: Value[] = [];
  readonly #producers = new Map<string, { readonly operator: string; readonly inputs: readonly string[] }>();
  readonly #values = new Map<string, Value>();
  #counter = 0;

  input(name: string, shape: readonly number[], dtype: DataType): Value {
    const value: Value = { name, shape, dtype };
    this.#inputs.push(value);
    this.#values.set(name, value);
    return value;
  }

  constant(data: Float32Array | Int32Array | Uint8Array, shape: readonly number[], dtype: DataType): Value {
    const value: Value = { name: this.#initialiser(data, shape, dtype), shape, dtype, constant: data };
    this.#values.set(value.name, value);
    return value;
  }

  /** A 1-D int64 initialiser, as shapes and axes are given to operators. */
  int64(values: readonly number[]): string {
    return this.#initialiser(BigInt64Array.from(values, BigInt), [values.length], 'int64');
  }

  /** Adds a node and returns its outputs; an equal node that exists already is reused. */
  node(
    operator: string,
    inputs: readonly string[],
    outputs: readonly { readonly shape: readonly number[]; readonly dtype: DataType }[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): readonly Value[] {
    const key = JSON.stringify([operator, inputs, attributes, outputs]);
    const known = this.#nodeByKey.get(key);
    if (known) return known;
    const values = outputs.map(({ shape, dtype }) => ({ name: `v${this.#counter++}`, shape, dtype }));
    this.#nodes.push({ operator, inputs, outputs: values.map((v) => v.name), attributes });
    this.#nodeByKey.set(key, values);
    for (const value of values) {
      this.#producers.set(value.name, { operator, inputs });
      this.#values.set(value.name, value);
    }
    return values;
  }

  /** The operator that makes a value and the values it reads; undefined for inputs and constants. */
  producer(value: Value): { readonly operator: string; readonly inputs: readonly (Value | undefined)[] } | undefined {
    const node = this.#producers.get(value.name);
    return node && { operator: node.operator, inputs: node.inputs.map((name) => this.#values.get(name)) };
  }

  /** Number of operators by name among those the outputs need. */
  operators(outputs: readonly GraphOutput[]): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { operator } of this.#live(outputs)) counts.set(operator, (counts.get(operator) ?? 0) + 1);
    return counts;
  }

  /** The serialised ONNX model with the given outputs, named as asked. */
  serialise(name: string, outputs: readonly GraphOutput[]): Uint8Array {
    const live = this.#live(outputs);
    // A node's output that leaves the graph takes the output's name; inputs, constants and second names need a copy.
    const renamed = new Map<string, string>();
    const made = new Set(live.flatMap((node) => node.outputs));
    const copies: onnx.INodeProto[] = [];
    for (const { name: to, value } of outputs) {
      if (made.has(value.name) && !renamed.has(value.name)) renamed.set(value.name, to);
      else
        copies.push({
          opType: 'Identity',
          input: [renamed.get(value.name) ?? value.name],
          output: [to],
          name: `output:${to}`,
        });
    }
    const rename = (names: readonly string[]): string[] => names.map((name) => renamed.get(name) ?? name);
    const used = new Set([...live.flatMap((node) => node.inputs), ...outputs.map(({ value }) => value.name)]);
    const model = onnxProto.onnx.ModelProto.create({
      irVersion: IR_VERSION,
      producerName: 'UniA Studio',
      opsetImport: [{ domain: '', version: OPSET }],
      graph: {
        name,
        node: [
          ...live.map((node, index) =>
            nodeProto({ ...node, inputs: rename(node.inputs), outputs: rename(node.outputs) }, index),
          ),
          ...copies,
        ],
        initializer: [...this.#initialisers].filter(([key]) => used.has(key)).map(([, proto]) => proto),
        input: this.#inputs.map((value) => valueInfo(value.name, value)),
        output: outputs.map(({ name: to, value }) => valueInfo(to, value)),
      },
    });
    return onnxProto.onnx.ModelProto.encode(model).finish();
  }

  #live(outputs: readonly GraphOutput[]): Node[] {
    const needed = new Set(outputs.map(({ value }) => value.name));
    const live: Node[] = [];
    for (let i = this.#nodes.length - 1; i >= 0; i--) {
      const node = this.#nodes[i]!;
      if (!node.outputs.some((output) => needed.has(output))) continue;
      node.inputs.forEach((input) => needed.add(input));
      live.push(node);
    }
    return live.reverse();
  }

  #initialiser(data: TypedArray, shape: readonly number[], dtype: DataType | 'int64'): string {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const key = `${dtype}[${shape.join()}]${contentKey(bytes)}`;
    const known = this.#initialiserByContent.get(key);
    if (known !== undefined) return known;
    const name = `c${this.#initialisers.size}`;
    this.#initialisers.set(name, {
      name,
      dims: [...shape],
      dataType: dtype === 'int64' ? ELEMENT.INT64 : elementCode(dtype),
      rawData: bytes.slice(),
    });
    this.#initialiserByContent.set(key, name);
    return name;
  }
}

/** Short content as hexadecimal, long content as two independent 32-bit hashes and its length. */
function contentKey(bytes: Uint8Array): string {
  if (bytes.length <= 64) return Array.from(bytes, (b) => b.toString(16)).join('.');
  let fnv = 0x811c9dc5;
  let other = 0x9e3779b9;
  for (const byte of bytes) {
    fnv = Math.imul(fnv ^ byte, 0x01000193);
    other = Math.imul(other + byte, 0x85ebca6b) ^ (other >>> 13);
  }
  return `#${bytes.length}.${fnv}.${other}`;
}

function elementCode(dtype: DataType): number {
  switch (dtype) {
    case 'float32':
      return ELEMENT.FLOAT;
    case 'int32':
      return ELEMENT.INT32;
    case 'bool':
      return ELEMENT.BOOL;
    default:
      throw new TypeError(`No ONNX element type for ${dtype}`);
  }
}

function valueInfo(name: string, { shape, dtype }: Value): onnx.IValueInfoProto {
  return {
    name,
    type: { tensorType: { elemType: elementCode(dtype), shape: { dim: shape.map((dimValue) => ({ dimValue })) } } },
  };
}

function nodeProto({ operator, inputs, outputs, attributes }: Node, index: number): onnx.INodeProto {
  return {
    opType: operator,
    name: `${operator}_${index}`,
    input: [...inputs],
    output: [...outputs],
    attribute: Object.entries(attributes).map(([name, value]) => attributeProto(name, value)),
  };
}

function attributeProto(name: string, value: Attribute): onnx.IAttributeProto {
  const types = onnxProto.onnx.AttributeProto.AttributeType;
  if (typeof value === 'string') return { name, type: types.STRING, s: new TextEncoderLike().encode(value) };
  if (typeof value === 'number') return { name, type: types.INT, i: value };
  if ('float' in value) return { name, type: types.FLOAT, f: value.float };
  return { name, type: types.INTS, ints: [...value] };
}

/** Attribute strings are ASCII operator options; the bare language has no TextEncoder. */
class TextEncoderLike {
  encode(text: string): Uint8Array {
    return Uint8Array.from(text, (character) => character.charCodeAt(0));
  }
}

export { ELEMENT, elementCode };
