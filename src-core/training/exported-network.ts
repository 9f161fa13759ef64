// The trained network as one ONNX model for other programs: image in; segmentation, CAM, uncertainty and tokens out.
// The weights are constants of the graph, so the file needs nothing beside it. One pass, as Eq. 2 has it: the averages over
// scales, mirror images and turns that prediction takes are left to whoever runs the model.
import { trace, type HostTensors, type TensorSpec } from '../compile/index.ts';
import { max, relu, sub, tensor, type Tensor } from '../tensor/index.ts';
import { runNetwork, segmentationLogits } from '../unia/network.ts';
import type { Parameters } from '../unia/parameters.ts';
import { reviewUncertainty } from '../unia/uncertainty-sampling.ts';
import { hasSegmentation, weightsOf, type Checkpoint } from './checkpoint.ts';
import { softmaxOverClasses } from './prediction.ts';

/** Name of the model's one input. */
export const IMAGE_INPUT = 'image';

/** What an output of the model means to whoever reads it. */
const MEANINGS = {
  segmentation_logits: 'background and classes at every pixel before the softmax; the largest is the mask',
  cam: 'class activation at every token, one pass, ReLU, not normalised (Eq. 2); a tag turns it on or off',
  uncertainty: 'how unsure the network is of every pixel, 0 to 1',
  tokens: 'features of every token, rows of the grid one after another: what classifier and CAM read',
} as const;

export type ExportedOutput = keyof typeof MEANINGS;

/** A model file and what its tensors are. */
export interface ExportedNetwork {
  readonly model: Uint8Array;
  readonly input: TensorSpec & { readonly name: string };
  readonly outputs: readonly (TensorSpec & { readonly name: ExportedOutput; readonly meaning: string })[];
  /** ONNX operators in use and how often. */
  readonly operators: ReadonlyMap<string, number>;
}

/**
 * The network of a checkpoint for batches of `batch` prepared squares. `segmentation_logits` is left out where the
 * checkpoint has not begun to learn segmentation.
 *
 * Input `image` `(N, 3, S, S)`, normalised; outputs `segmentation_logits` `(N, M+1, S, S)`, `cam` `(N, M, h, w)`,
 * `uncertainty` `(N, S, S)`, `tokens` `(N, L, C)`.
 */
export function exportNetwork(checkpoint: Checkpoint, batch = 1): ExportedNetwork {
  if (!Number.isInteger(batch) || batch < 1) {
    throw new RangeError(`batch: expected a whole number of images from 1 on, got ${batch}`);
  }
  const { side } = checkpoint.config.data;
  const weights = weightsOf(checkpoint.state);
  const image: TensorSpec = { shape: [batch, 3, side, side], dtype: 'float32' };
  const { model, outputs, operators } = trace({
    name: 'unia',
    inputs: { [IMAGE_INPUT]: image },
    state: {},
    run: (inputs) => ({ outputs: networkOutputs(checkpoint, inputs[IMAGE_INPUT]!, constants(weights)) }),
  });
  return {
    model,
    input: { name: IMAGE_INPUT, ...image },
    outputs: Object.entries(outputs).map(([name, spec]) => {
      const known = name as ExportedOutput; // `networkOutputs` names them
      return { name: known, ...spec, meaning: MEANINGS[known] };
    }),
    operators,
  };
}

function constants(weights: HostTensors): Parameters {
  return Object.fromEntries(
    Object.entries(weights).map(([name, { data, shape, dtype }]) => [name, tensor(data, [...shape], dtype)]),
  );
}

/** One pass over prepared images, `(N, 3, S, S)`. What no output reads is left out of the graph. */
function networkOutputs(
  checkpoint: Checkpoint,
  images: Tensor,
  parameters: Parameters,
): Partial<Record<ExportedOutput, Tensor>> & Record<string, Tensor> {
  const { config } = checkpoint;
  const { side } = config.data;
  const output = runNetwork(parameters, images, config);
  const logits = hasSegmentation(checkpoint) ? segmentationLogits(parameters, images, config, output) : undefined;
  const uncertainty = output.inference
    ? reviewUncertainty(output.inference.uncertainty, output.encoded.grid, [side, side]).map
    : logits && sub(1, max(softmaxOverClasses(logits), 1));
  return {
    ...(logits && { segmentation_logits: logits }),
    cam: relu(output.maps),
    ...(uncertainty && { uncertainty }),
    tokens: output.refined,
  };
}
