// Names of stages, states, phases and recipes in the person's language.
import type {
  LiveTraining,
  LogEntry,
  RunChanges,
  RunFacts,
  RunState,
  StepPoint,
} from '../../../src-core/contract/train.ts';
import { formatNumber, t, type MessageKey } from '../../i18n/index.svelte.ts';

const RECIPES: Readonly<Record<string, readonly [MessageKey, MessageKey]>> = {
  suggested: ['train:recipeSuggested', 'train:recipeSuggestedText'],
  quick: ['train:recipeQuick', 'train:recipeQuickText'],
  acdc: ['train:recipeAcdc', 'train:recipeAcdcText'],
  released: ['train:recipeReleased', 'train:recipeReleasedText'],
  paper: ['train:recipePaper', 'train:recipePaperText'],
  voc: ['train:recipeVoc', 'train:recipeVocText'],
  coco: ['train:recipeCoco', 'train:recipeCocoText'],
};

export function recipeTitle(id: string): string {
  const key = RECIPES[id]?.[0];
  return key ? t(key) : id;
}

export function recipeText(id: string): string {
  const key = RECIPES[id]?.[1];
  return key ? t(key) : '';
}

const STAGES: Readonly<Record<StepPoint['stage'], MessageKey>> = {
  'warm-up': 'train:stageWarmUp',
  joint: 'train:stageJoint',
  classification: 'train:stageClassification',
  segmentation: 'train:stageSegmentation',
};

export function stageTitle(stage: StepPoint['stage']): string {
  return t(STAGES[stage]);
}

const STATES: Readonly<Record<RunState, MessageKey>> = {
  running: 'train:stateRunning',
  paused: 'train:statePaused',
  stopped: 'train:stateStopped',
  finished: 'train:stateFinished',
  failed: 'train:stateFailed',
  interrupted: 'train:stateInterrupted',
  damaged: 'train:stateDamaged',
  imported: 'train:stateImported',
};

/** A run by its name; masks that came with the images were made by none. */
export function runTitle({ id, state }: Pick<RunFacts, 'id' | 'state'>): string {
  return state === 'imported' ? t('train:importedMasks') : id;
}

export function stateTitle(state: RunState): string {
  return t(STATES[state]);
}

const PHASES: Readonly<Record<LiveTraining['phase'], MessageKey>> = {
  engine: 'train:phaseEngine',
  timing: 'train:phaseTiming',
  starting: 'train:phaseStarting',
  training: 'train:phaseTraining',
  masks: 'train:phaseMasks',
  ending: 'train:phaseEnding',
};

/** What a training is at: its stage while it trains. */
export function phaseTitle({ phase, stage }: LiveTraining): string {
  return phase === 'training' && stage ? stageTitle(stage) : t(PHASES[phase]);
}

const TERMS: Readonly<Record<string, MessageKey>> = {
  total: 'train:lossTotal',
  classification: 'train:lossClassification',
  auxiliary: 'train:lossAuxiliary',
  distribution: 'train:lossDistribution',
  affinity: 'train:lossAffinity',
  segmentation: 'train:lossSegmentation',
  tokenContrast: 'train:lossTokenContrast',
  crfEnergy: 'train:lossCrfEnergy',
  divergence: 'train:lossDivergence',
};

/** What a term of the loss is called. */
export function lossTitle(term: string): string {
  const key = TERMS[term];
  return key ? t(key) : term;
}

export function logText({ kind, stage, iteration, message }: LogEntry): string {
  const shown = formatNumber(iteration);
  switch (kind) {
    case 'stage':
      return t('train:logStage', { stage: stage ? stageTitle(stage) : '', shown });
    case 'look':
      return t('train:logLook');
    case 'saved':
      return t('train:logSaved', { stage: stage ? stageTitle(stage) : '', shown });
    case 'paused':
      return t('train:logPaused');
    case 'finished':
      return t('train:logFinished');
    case 'warning':
      return message;
  }
}

/** Three decimals; a dash where a measure is not defined. */
export function showMeasure(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : value.toFixed(3);
}

export function showShare(value: number): string {
  return formatNumber(value, { style: 'percent', maximumFractionDigits: 1 });
}

/** What learning from corrections has changed, in a few sentences. */
export function changesText({ changed, compared, meanChange, kept }: RunChanges): string {
  return t(changed > 0 ? 'train:changesText' : 'train:changesNone', {
    changed: formatNumber(changed),
    compared: formatNumber(compared),
    share: showShare(meanChange),
    kept: formatNumber(kept),
  });
}

/** Mean of the classes that have the measure; null where none has. */
export function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** `batch.images=2, …` */
export function showSettings(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}`)
    .join(', ');
}
