import { z } from 'zod';
import { ENCODERS, encoderStride, type EncoderName } from '../unia/encoder.ts';

const share = z.number().min(0).max(1);
const count = z.int().min(0);
const positive = z.number().positive();
const encoderNames = Object.keys(ENCODERS) as [EncoderName, ...EncoderName[]];

/**
 * The whole recipe of a run. A setting that is added later has a default, what runs did before it, so that they still
 * open. Names and sources of the values: method.md 1-7, acdc-study.md for what is marked ACDC.
 */
export const trainingConfigSchema = z.strictObject({
  preset: z.string(),
  seed: count,
  /** `joint`: the paper's single stage; `staged`: classification, pseudo masks once, then segmentation (ACDC). */
  objective: z.enum(['joint', 'staged']),

  data: z.strictObject({
    /** How an image becomes square: centre crop or stretched. */
    square: z.enum(['centre', 'stretch']),
    /** Side of the square that prediction sees and windows are measured in, px. */
    side: z.int().positive(),
    mean: z.tuple([z.number(), z.number(), z.number()]),
    standardDeviation: z.tuple([positive, positive, positive]),
  }),

  encoder: z.enum(encoderNames),
  /** Position table as loaded (R) or trained. */
  freezePositionTable: z.boolean(),
  pooling: z.enum(['gmp', 'lse']),
  auxiliaryClassifier: z.boolean(),

  uncertainty: z.strictObject({
    enabled: z.boolean(),
    reading: z.enum(['paper', 'released']),
    channel: z.boolean(),
    spatial: z.boolean(),
    deviation: z.boolean(),
    projection: z.enum(['none', 'bottleneck']),
    /** Eq. 10 with the tokens added (R). */
    residual: z.boolean(),
    /** K of Eq. 7. */
    samples: z.int().positive(),
  }),

  affinity: z.strictObject({
    kind: z.enum(['learned', 'sinkhorn', 'cosine']),
    sinkhornRounds: z.int().positive(),
    temperature: positive,
    radius: positive.nullable(),
  }),

  cam: z.strictObject({
    scales: z.array(positive).min(1),
    high: share,
    low: share,
    /** Threshold of the evaluation label. */
    evaluation: share,
    maxClassesPerImage: z.int().positive(),
    /**
     * Prediction and staged masks: how strongly the map of a rare class wins where maps overlap (0: not at all). Weights
     * are the classes' inverse document frequency among the training tags to this power, the rarest 1.
     */
    rarity: z.number().min(0).default(0),
  }),
  refinement: z.strictObject({
    rounds: count,
    dilations: z.array(z.int().positive()).min(1),
    width: positive,
    positionWeight: z.number().min(0),
    resolution: share,
    logitsScale: positive,
  }),
  walk: z.strictObject({ power: positive, radius: positive.nullable(), columnNorm: z.boolean() }),
  /** Mutual complementing refinement, Eq. 12-15; without it P is P3. */
  complement: z.boolean(),

  losses: z.strictObject({
    classification: z.number().min(0),
    auxiliary: z.number().min(0),
    /** a */
    distribution: z.number().min(0),
    /** lambda of Eq. 8 where no pseudo mask exists yet: the CAM above it is foreground. */
    distributionThreshold: share,
    /** Share of L_dis given to KL(N(mu, sigma) ‖ N(0, I)). */
    distributionRegulariser: z.number().min(0),
    /** b */
    affinity: z.number().min(0),
    affinityForm: z.enum(['paper', 'released']),
    affinityTemperature: positive,
    affinityRadius: positive,
    /** g */
    segmentation: z.number().min(0),
    segmentationForm: z.enum(['halves', 'dice']),
    tokenContrast: z.number().min(0),
    /** Windowed dense-CRF energy of the segmentation (R). */
    crfEnergy: z.number().min(0),
  }),

  segmentation: z.strictObject({
    decoder: z.enum(['largefov', 'pyramid']),
    /** `own`: the decoder reads a copy of the encoder made when segmentation starts (ACDC). */
    encoder: z.enum(['shared', 'own']),
    /** Labels that teach it: P2 then P (R), P throughout, or only where P2 = P3 (ACDC). */
    labels: z.enum(['released', 'final', 'agreement']),
    /** Staged only: a class tagged absent in a window is cleared from the pseudo mask there. */
    trustAbsence: z.boolean(),
    /** Staged only: all but the largest part of each class in a slice is ignored. */
    oneComponent: z.boolean(),
    /** `own` only; false for a run that goes on from one whose copy has learned already. */
    copyEncoder: z.boolean().default(true),
  }),

  optimiser: z.strictObject({
    learningRate: positive,
    betas: z.tuple([share, share]),
    epsilon: positive,
    decay: z.number().min(0),
    /** Factor on the rate of everything outside the encoder. */
    headFactor: positive,
    /** Largest global gradient norm; null for none. */
    clip: positive.nullable(),
  }),
  schedule: z.strictObject({
    /** Iterations of the paper's stage, or of classification when staged. */
    iterations: count,
    warmUpShare: share,
    decay: z.enum(['polynomial', 'cosine']),
    power: positive,
    segmentation: share,
    secondComplement: share,
    auxiliaryToFinal: share,
    extraComplement: share.nullable(),
    uncertaintyAndAffinity: share,
  }),

  batch: z.strictObject({
    images: z.int().positive(),
    /** Side of a training image, px. */
    side: z.int().positive(),
    /** Smallest and largest share of the area that a random crop keeps. */
    area: z.tuple([share, share]),
    /** Share of the iterations that use window tags, where there are any. */
    windowShare: share,
    windows: z.int().positive(),
    /** Window tags as images of their own, or pooled in place within whole images. */
    windowMode: z.enum(['crop', 'inPlace']),
    /** Windows of one image in a step, when pooled in place. */
    windowsPerImage: z.int().positive(),
    /** Side of a training window, px. */
    windowSide: z.int().positive(),
    /** Share of a step's whole images that a person has drawn, where there are any; at 0 they come like all others. */
    reviewedShare: share.default(0),
  }),
  augmentation: z.strictObject({
    mirror: z.boolean(),
    /** Turns by multiples of 90°. */
    quarterTurns: z.boolean(),
    /** Largest relative change of brightness and contrast. */
    jitter: share,
    /** Standard deviation of added noise, in units of the image's 0..1 range. */
    noise: share,
  }),

  /** Staged only: segmentation on the stored pseudo masks. */
  segmentationStage: z.strictObject({
    iterations: count,
    images: z.int().positive(),
    side: z.int().positive(),
    learningRate: positive,
  }),
  /** Masked autoencoding of the user's own images before anything else. */
  warmUp: z.strictObject({ iterations: count, images: z.int().positive(), learningRate: positive, maskedShare: share }),

  inference: z.strictObject({
    scales: z.array(positive).min(1),
    mirror: z.boolean(),
    /** Also turned by 180°, as in ACDC's four-way average. */
    halfTurn: z.boolean(),
    denseCrf: z.boolean(),
    /** What the uncertainty map shows: UiN's U, or how far the averaged segmentation is from one class. */
    uncertainty: z.enum(['inference', 'segmentation']).default('inference'),
    /** Keep only the largest connected part of each class in a segmented volume. */
    largestComponent: z.boolean(),
  }),
  /** Iterations between measures on validation images, and between checkpoints. */
  evaluateEvery: z.int().positive(),
  checkpointEvery: z.int().positive(),
});

export type TrainingConfig = z.infer<typeof trainingConfigSchema>;

/** `{ 'losses.affinity': '0.2' }` over a base; an unknown key or a value out of range is an error that names it. */
export function withSettings(base: TrainingConfig, settings: Readonly<Record<string, string>>): TrainingConfig {
  const draft = structuredCloneOf(base) as Record<string, unknown>;
  for (const [path, text] of Object.entries(settings)) assign(draft, path, text);
  return parseConfig(draft);
}

/** Checks a whole configuration, as read from a run. */
export function parseConfig(value: unknown): TrainingConfig {
  const result = trainingConfigSchema.safeParse(value);
  if (!result.success) throw wrongSetting(result.error.issues[0]!);
  checkAgreement(result.data);
  return result.data;
}

function wrongSetting(issue: z.core.$ZodIssue): Error {
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]] : issue.path;
  return new Error(`Setting "${path.join('.')}": ${issue.message}`);
}

/** What settings must have in common, said before anything is computed. */
function checkAgreement({ encoder, data, batch, segmentationStage, schedule, warmUp, cam }: TrainingConfig): void {
  const stride = encoderStride(ENCODERS[encoder]);
  const sides = {
    'data.side': data.side,
    'batch.side': batch.side,
    'batch.windowSide': batch.windowSide,
    'segmentationStage.side': segmentationStage.side,
  };
  for (const [name, side] of Object.entries(sides)) {
    if (side % stride === 0) continue;
    throw new Error(`Setting "${name}": expected a multiple of ${stride}, the token of ${encoder}, got ${side}`);
  }
  if (cam.low > cam.high) {
    throw new Error(`Setting "cam.low": expected at most cam.high, which is ${cam.high}, got ${cam.low}`);
  }
  const [smallest, largest] = batch.area;
  if (smallest > largest) {
    throw new Error(`Setting "batch.area": expected the smaller share first, got ${smallest}, ${largest}`);
  }
  if (schedule.iterations + segmentationStage.iterations + warmUp.iterations === 0) {
    throw new Error('Setting "schedule.iterations": expected at least one iteration of some stage, got none');
  }
}

function assign(draft: Record<string, unknown>, path: string, text: string): void {
  const names = path.split('.');
  const last = names.pop()!;
  let group: Record<string, unknown> = draft;
  for (const name of names) {
    const next = Object.hasOwn(group, name) ? group[name] : undefined;
    if (typeof next !== 'object' || next === null || Array.isArray(next)) throw unknownSetting(path, draft);
    group = next as Record<string, unknown>;
  }
  if (!Object.hasOwn(group, last)) throw unknownSetting(path, draft);
  group[last] = parseValue(text, typeof group[last] === 'string');
}

function parseValue(text: string, isText: boolean): unknown {
  if (isText) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function unknownSetting(path: string, draft: Record<string, unknown>): Error {
  return new Error(`Unknown setting "${path}". Settings are: ${settingNames(draft).join(', ')}`);
}

/** Every setting's dotted name. */
export function settingNames(config: Readonly<Record<string, unknown>>, prefix = ''): string[] {
  return Object.entries(config).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? settingNames(value as Record<string, unknown>, `${prefix}${name}.`)
      : [prefix + name],
  );
}

/** The bare language has no structuredClone; a configuration is plain JSON. */
function structuredCloneOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
