// One training step, timed in a process of its own so that its peak memory is its own. Prints one line of JSON.
import { parseArgs } from 'node:util';
import { float32, type HostTensors, type Program } from '../../src-core/compile/index.ts';
import { type TrainingConfig, withSettings } from '../../src-core/training/config.ts';
import { initialWeights } from '../../src-core/training/initial-state.ts';
import { jointObjective, taggedInputs } from '../../src-core/training/objective.ts';
import {
  FIRST,
  optimisedStep,
  SECOND,
  stepSizeInputs,
  type LossTerms,
} from '../../src-core/training/optimised-step.ts';
import { presetOf } from '../../src-core/training/presets.ts';
import { createRandom } from '../../src-core/training/random.ts';
import { openGates } from '../../src-core/training/schedule.ts';
import { linear, max } from '../../src-core/tensor/index.ts';
import { multiLabelSoftMargin } from '../../src-core/unia/classifier.ts';
import { encode, ENCODERS } from '../../src-core/unia/encoder.ts';
import { parameter, under } from '../../src-core/unia/parameters.ts';
import { createOnnxRuntimeEngine } from '../../src-main/engines/onnxruntime.ts';

const CLASSES = 20;

const { values: flags } = parseArgs({
  options: {
    kind: { type: 'string', default: 'vit' },
    size: { type: 'string', default: 'small' },
    image: { type: 'string', default: '224' },
    batch: { type: 'string', default: '4' },
    threads: { type: 'string', default: '2' },
    steps: { type: 'string', default: '5' },
    'warm-up': { type: 'string', default: '2' },
  },
});

const [image, batch] = [Number(flags.image), Number(flags.batch)];
const config = withSettings(presetOf('released'), {
  encoder: `vit-${flags.size}`,
  'data.side': flags.image,
  'batch.side': flags.image,
  'batch.images': flags.batch,
  'uncertainty.projection': 'none',
  freezePositionTable: 'false',
});

const weights = initialWeights(config, CLASSES);
const used = Object.entries(weights).filter(([name]) => flags.kind === 'unia' || isClassifier(name));
const shapes = Object.fromEntries(used.map(([name, { shape }]) => [name, shape]));
const inputs = taggedInputs(config, { images: batch, side: image, windows: 0 }, CLASSES);
const gates = openGates(config.schedule, config.schedule.iterations, config.schedule.iterations);
const program = optimisedStep({
  name: flags.kind,
  inputs: flags.kind === 'unia' ? inputs : { image: inputs['image']!, present: inputs['present']! },
  weights: shapes,
  trained: Object.keys(shapes),
  optimiser: config.optimiser,
  loss: (feeds, parameters) =>
    flags.kind === 'unia'
      ? jointObjective(config, gates, feeds, parameters)
      : classifierLoss(config, feeds, parameters),
});

const engine = createOnnxRuntimeEngine({ provider: 'cpu', threads: Number(flags.threads) });
const started = performance.now();
const compiled = await engine.compile(program);
const compileMs = performance.now() - started;
const state = await engine.allocate(withMoments(Object.fromEntries(used)));
const feeds = randomFeeds(program);
const times: number[] = [];
let loss = NaN;
for (let step = 0; step < Number(flags['warm-up']) + Number(flags.steps); step++) {
  const begin = performance.now();
  const sizes = stepSizeInputs(config.optimiser, config.optimiser.learningRate, step + 1);
  const outputs = await compiled.run({ ...feeds, ...sizes }, state);
  if (step >= Number(flags['warm-up'])) times.push(performance.now() - begin);
  loss = outputs['total']!.data[0]!;
}
const sorted = times.toSorted((a, b) => a - b);
process.stdout.write(
  `${JSON.stringify({
    kind: flags.kind,
    size: flags.size,
    image,
    batch,
    threads: Number(flags.threads),
    steps: times.length,
    compileMs,
    msPerStep: sorted[Math.floor(sorted.length / 2)],
    peakRssMb: process.resourceUsage().maxRSS / 1024,
    loss,
  })}\n`,
);

function isClassifier(name: string): boolean {
  return name.startsWith('encoder.') || name === 'classifier.weight';
}

/** What the PyTorch peer trains: encoder, global max pooling, classifier. */
function classifierLoss(
  { encoder }: TrainingConfig,
  feeds: Parameters<Program['run']>[0],
  parameters: Parameters<Program['run']>[1],
): LossTerms {
  const { tokens } = encode(under(parameters, 'encoder.'), feeds['image']!, ENCODERS[encoder]);
  const logits = linear(max(tokens, 1), parameter(parameters, 'classifier.weight'));
  return { classification: { value: multiLabelSoftMargin(logits, feeds['present']!), weight: 1 } };
}

function withMoments(values: HostTensors): HostTensors {
  const moments = Object.entries(values).flatMap(([name, { shape, data }]) =>
    [FIRST, SECOND].map((prefix) => [prefix + name, float32(shape, new Float32Array(data.length))] as const),
  );
  return { ...values, ...Object.fromEntries(moments) };
}

function randomFeeds({ inputs: specs }: Program): HostTensors {
  const random = createRandom(0);
  const tensors = Object.entries(specs).map(([name, { shape }]) => {
    const data = new Float32Array(shape.reduce((product, n) => product * n, 1));
    for (let i = 0; i < data.length; i++) data[i] = valueOf(name, random);
    return [name, float32(shape, data)] as const;
  });
  return Object.fromEntries(tensors.filter(([, { shape }]) => shape.length > 0));
}

/** Tags show about two of twenty classes; nobody has reviewed anything. */
function valueOf(name: string, random: ReturnType<typeof createRandom>): number {
  if (name === 'present') return random.uniform() < 0.1 ? 1 : 0;
  return name === 'reviewed' ? 255 : random.normal();
}
