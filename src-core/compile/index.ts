export { OPSET } from './graph.ts';
export { trace, NEXT_PREFIX, type TracedModel } from './trace.ts';
export {
  checkInputs,
  type CompiledProgram,
  type Engine,
  type EngineState,
  type HostTensors,
  type InPlaceStep,
  type Program,
  type Tensors,
} from './program.ts';
export { float32, float32Scalar, type ElementData, type HostTensor, type TensorSpec } from './values.ts';
