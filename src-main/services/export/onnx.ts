// The trained network as `model.onnx` with its weights, for any program that runs ONNX, and `model.json` that says how to
// feed it and what comes out.
import { AdvisedError } from '../advised-error.ts';
import type { Checkpoint } from '../../../src-core/training/checkpoint.ts';
import { exportNetwork, type ExportedNetwork } from '../../../src-core/training/exported-network.ts';
import { OPSET } from '../../../src-core/compile/index.ts';
import type { ExportSettings } from '../../../src-core/datasets/formats/export-formats.ts';
import { trainedRuns } from '../imported-masks.ts';
import type { Project } from '../project.ts';
import { readCheckpoint } from '../train.ts';
import { jsonFile } from './file-content.ts';
import type { ExportFormat, ExportPlan, ExportRequest } from './format.ts';
import { programVersion } from './program-version.ts';

const MODEL_FILE = 'model.onnx';
const CARD_FILE = 'model.json';

/** The network of a run. */
export const onnxFormat: ExportFormat<'onnx'> = { name: 'onnx', plan };

const SQUARES = {
  centre: 'cut the largest centred square out of the image, then resize it to side x side',
  stretch: 'resize the whole image to side x side, whatever its proportions',
} as const;

// eslint-disable-next-line @typescript-eslint/require-await -- throws must become rejections
async function plan(project: Project, request: ExportRequest, settings: ExportSettings<'onnx'>): Promise<ExportPlan> {
  const run = request.run ?? newestTrained(project);
  const checkpoint = readCheckpoint(project, run);
  const network = exportNetwork(checkpoint, settings.batch);
  const { stage, iteration } = checkpoint;
  const segments = network.outputs.some(({ name }) => name === 'segmentation_logits');
  return {
    run,
    files: [
      { path: MODEL_FILE, facts: { opset: OPSET }, produce: () => Promise.resolve(network.model) },
      jsonFile(CARD_FILE, modelCard(run, checkpoint, network)),
    ],
    facts: { stage, iteration },
    notes: [
      `Input ${network.input.name} (${network.input.shape.join(', ')}); outputs ${network.outputs.map(({ name }) => name).join(', ')}.`,
      ...(segments ? [] : [`${run} has not begun to learn segmentation: the model has no segmentation_logits.`]),
      `How to prepare images and what the outputs mean: ${CARD_FILE}.`,
    ],
  };
}

function newestTrained(project: Project): string {
  const run = trainedRuns(project).findLast(({ status }) => status !== 'failed');
  if (run) return run.id;
  throw new AdvisedError('no run has been trained yet: train one first', { kind: 'train', project: project.directory });
}

/** All that someone needs who has these two files and nothing else. */
function modelCard(run: string, { config, classes, stage, iteration }: Checkpoint, network: ExportedNetwork): unknown {
  const { square, side, mean, standardDeviation } = config.data;
  return {
    kind: 'unia-model',
    use: 'Research use only, not for clinical decisions.',
    model: MODEL_FILE,
    classes: ['background', ...classes].map((name, label) => ({ label, name })),
    input: {
      ...network.input,
      layout: 'N, channel, row, column',
      preparation: {
        intensity:
          '8-bit images divided by 255; deeper ones between the 1st and 99th percentile of the volume (or image) to 0..1, clipped',
        square,
        side,
        resize: `bilinear, pixel centres aligned; ${SQUARES[square]}`,
        channels: 'RGB; a grey image three times',
        mean,
        standardDeviation,
        normalise: '(value - mean) / standardDeviation, per channel',
      },
    },
    outputs: network.outputs,
    inference: {
      note: 'Predicting averages the softmax over these scales, mirror images and turns; the model is one pass',
      ...config.inference,
    },
    run: { id: run, stage, iteration },
    recipe: config,
    versions: { ...programVersion(), opset: OPSET },
    method: 'UniA, arXiv 2404.08195; an independent implementation',
  };
}
