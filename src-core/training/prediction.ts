// One program that gives everything about a batch of whole images: CAM, pseudo masks, segmentation, uncertainty.
import {
  concat,
  div,
  abs,
  max,
  mul,
  pow,
  reshape,
  resizeBilinear,
  reverse,
  sigmoid,
  slice,
  softmax,
  sub,
  addN,
  mean,
  transpose,
  type Tensor,
} from '../tensor/index.ts';
import { float32, type CompiledProgram, type Engine, type EngineState, type Program } from '../compile/index.ts';
import { camToLabel, multiScaleCam, scaledSize } from '../unia/class-activation-map.ts';
import { gatherKept, keepPresentClasses } from '../unia/kept-classes.ts';
import { mutualComplementing } from '../unia/mutual-complementing-refinement.ts';
import { affinityOf, needsAttention, runNetwork, segmentationLogits, strideOf } from '../unia/network.ts';
import { agreementMask, refineP2AndP3 } from '../unia/pseudo-masks.ts';
import { reviewUncertainty } from '../unia/uncertainty-sampling.ts';
import { UNKNOWN } from '../review/tag.ts';
import type { Parameters } from '../unia/parameters.ts';
import { CLASS_RARITY } from './class-rarity.ts';
import type { TrainingConfig } from './config.ts';
import { maskOptions } from './objective.ts';

/** Results for one image; every map is `side · side` of the prepared square, rows first. */
export interface Prediction {
  /** Classifier's probability of each class, `(M)`. */
  readonly probabilities: Float32Array;
  /** Normalised CAM, `(M, side, side)`. */
  readonly cam: Float32Array;
  readonly p1: Uint8Array;
  readonly p2: Uint8Array;
  readonly p3: Uint8Array;
  /** P, or the agreement mask where the recipe trains on that. */
  readonly pseudo: Uint8Array;
  /** Probabilities of background and classes, `(M+1, side, side)`; absent before segmentation is trained. */
  readonly segmentation?: Float32Array;
  /** 0..1 */
  readonly uncertainty: Float32Array;
  /** Mean uncertainty of the image. */
  readonly score: number;
}

/** Predicts whole prepared squares in batches of a fixed size. */
export interface Predictor {
  readonly batch: number;
  /**
   * @param images - normalised, `(n, 3, side, side)` with n up to `batch`
   * @param present - tags per image; the classifier's own opinion is used where undefined, and for classes they do not speak of
   */
  predict(images: Float32Array, present: readonly (readonly number[] | undefined)[]): Promise<Prediction[]>;
  dispose(): Promise<void>;
}

export async function createPredictor(
  engine: Engine,
  state: EngineState,
  config: TrainingConfig,
  shapes: Readonly<Record<string, readonly number[]>>,
  classes: number,
  options: { readonly batch: number; readonly segmentation: boolean },
): Promise<Predictor> {
  const { side } = config.data;
  const weights = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, { shape, dtype: 'float32' as const }]),
  );
  const image = { shape: [options.batch, 3, side, side], dtype: 'float32' as const };
  const present = { shape: [options.batch, classes], dtype: 'float32' as const };
  const compile = (name: string, inputs: Program['inputs'], run: Program['run']): Promise<CompiledProgram> =>
    engine.compile({ name, inputs, state: weights, run });
  const everything = await compile('prediction', { image, present }, (inputs, parameters) => ({
    outputs: predictionOutputs(config, inputs['image']!, inputs['present']!, parameters, options.segmentation),
  }));
  let opinion: CompiledProgram | undefined;
  return {
    batch: options.batch,
    async predict(images, tags) {
      const padded = new Float32Array(options.batch * 3 * side * side);
      padded.set(images);
      const imageValue = float32(image.shape, padded);
      const presence = new Float32Array(options.batch * classes);
      if (tags.some((tag) => tag === undefined || tag.includes(UNKNOWN))) {
        opinion ??= await compile('image probabilities', { image }, (inputs, parameters) => ({
          outputs: { probabilities: sigmoid(runNetwork(parameters, inputs['image']!, config).logits) },
        }));
        const { probabilities } = await opinion.run({ image: imageValue }, state);
        probabilities!.data.forEach((p, i) => (presence[i] = p > 0.5 ? 1 : 0));
      }
      tags.forEach((tag, i) =>
        tag?.forEach((value, k) => {
          if (value !== UNKNOWN) presence[i * classes + k] = value;
        }),
      );
      const outputs = await everything.run({ image: imageValue, present: float32(present.shape, presence) }, state);
      return tags.map((_, i) => pick(outputs as never, i, side * side, classes));
    },
    async dispose() {
      await everything.dispose();
      await opinion?.dispose();
    },
  };
}

type Outputs = Readonly<Record<string, { readonly data: Float32Array }>>;

function pick(outputs: Outputs, i: number, size: number, classes: number): Prediction {
  const part = (name: string, length: number): Float32Array => outputs[name]!.data.slice(i * length, (i + 1) * length);
  const labels = (name: string): Uint8Array => Uint8Array.from(part(name, size));
  return {
    probabilities: part('probabilities', classes),
    cam: part('cam', classes * size),
    p1: labels('p1'),
    p2: labels('p2'),
    p3: labels('p3'),
    pseudo: labels('pseudo'),
    ...(outputs['segmentation'] && { segmentation: part('segmentation', (classes + 1) * size) }),
    uncertainty: part('uncertainty', size),
    score: part('score', 1)[0]!,
  };
}

function predictionOutputs(
  config: TrainingConfig,
  image: Tensor,
  present: Tensor,
  parameters: Parameters,
  withSegmentation: boolean,
): Record<string, Tensor> {
  const { side } = config.data;
  const output = runNetwork(parameters, image, config, needsAttention(config));
  // Every class has its slot, so that the stored CAM is complete.
  const kept = keepPresentClasses(present);
  const maps = multiScaleCam((scaled) => runNetwork(parameters, scaled, config).maps, image, present, {
    scales: config.cam.scales,
    patch: strideOf(config),
    precomputed: output.maps,
  });
  const cam = weighedByRarity(config, parameters, maps);
  const sources = { cam: gatherKept(cam, kept), kept, image };
  const affinity = { affinity: affinityOf(parameters, output, config), grid: output.encoded.grid };
  const { p2, p3 } = refineP2AndP3(sources, affinity, maskOptions(config));
  const p1 = camToLabel(cam, config.cam, kept);
  const segmentation = withSegmentation ? averagedSegmentation(config, image, parameters) : undefined;
  const { map, score } = uncertaintyOf(config, output, segmentation, cam, [side, side]);
  return {
    probabilities: sigmoid(output.logits),
    cam,
    p1,
    p2,
    p3,
    pseudo: finalMask(config, p1, p2, p3),
    uncertainty: map,
    score,
    ...(segmentation && { segmentation }),
  };
}

/** Runs from before rarities were kept have none. */
function weighedByRarity({ cam }: TrainingConfig, parameters: Parameters, maps: Tensor): Tensor {
  const rarity = parameters[CLASS_RARITY];
  if (!rarity || cam.rarity === 0) return maps;
  return mul(maps, reshape(pow(rarity, cam.rarity), [1, -1, 1, 1]));
}

function finalMask(config: TrainingConfig, p1: Tensor, p2: Tensor, p3: Tensor): Tensor {
  if (config.segmentation.labels === 'agreement') return agreementMask(p2, p3);
  if (!config.complement) return p3;
  const fillIgnored = config.schedule.extraComplement !== null;
  return mutualComplementing({ p1, p2, p3 }, { secondStep: true, fillIgnored });
}

/** UiN's map, or how far the segmentation, or failing that the CAM, is from being sure: as asked, and as there is. */
function uncertaintyOf(
  config: TrainingConfig,
  output: ReturnType<typeof runNetwork>,
  segmentation: Tensor | undefined,
  cam: Tensor,
  size: readonly [number, number],
): { readonly map: Tensor; readonly score: Tensor } {
  const fromSegmentation = segmentation && config.inference.uncertainty === 'segmentation';
  if (output.inference && !fromSegmentation) {
    return reviewUncertainty(output.inference.uncertainty, output.encoded.grid, size);
  }
  const sure = segmentation ? max(segmentation, 1) : abs(sub(mul(max(cam, 1), 2), 1));
  const map = sub(1, sure);
  return { map, score: mean(map, [1, 2]) };
}

/** Mean of the class probabilities over scales, mirror images and half turns; `(N, M+1, S, S)`. */
function averagedSegmentation(config: TrainingConfig, image: Tensor, parameters: Parameters): Tensor {
  const [N, S, T] = [image.shape[0], image.shape[2]!, image.shape[3]!];
  const { scales, mirror, halfTurn } = config.inference;
  const flips: number[][] = [
    [],
    ...(mirror ? [[3]] : []),
    ...(halfTurn ? [[2, 3]] : []),
    ...(mirror && halfTurn ? [[2]] : []),
  ];
  const flip = (x: Tensor, axes: number[]): Tensor => (axes.length > 0 ? reverse(x, axes) : x);
  const maps = scales.flatMap((scale) => {
    const resized = resizeBilinear(image, scaledSize([S, T], scale, strideOf(config)));
    const stacked = concat(
      flips.map((axes) => flip(resized, axes)),
      0,
    );
    const logits = segmentationLogits(parameters, stacked, config, undefined);
    return flips.map((axes, i) => {
      const part = slice(logits, [i * N, 0, 0, 0], [N, ...logits.shape.slice(1)] as number[]);
      return softmaxOverClasses(resizeBilinear(flip(part, axes), [S, T]));
    });
  });
  return div(addN(maps), maps.length);
}

/** Over axis 1 of `(N, M+1, S, S)`: tfjs softmaxes the last axis only. */
export function softmaxOverClasses(logits: Tensor): Tensor {
  return transpose(softmax(transpose(logits, [0, 2, 3, 1])), [0, 3, 1, 2]);
}
