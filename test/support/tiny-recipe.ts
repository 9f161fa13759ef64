// Recipes small enough for a test: a few steps of a hybrid encoder on images of 32 px.
import { withSettings, type TrainingConfig } from '../../src-core/training/config.ts';
import { presetOf } from '../../src-core/training/presets.ts';

/** Settings that make the preset `acdc` tiny; none of them is a value that the preset is tuned in. */
export const TINY_SETTINGS: Readonly<Record<string, string>> = {
  'data.side': '32',
  'batch.side': '32',
  'batch.images': '2',
  'batch.windows': '2',
  'batch.windowSide': '16',
  'batch.windowsPerImage': '2',
  'segmentationStage.side': '16',
  'segmentationStage.images': '2',
  'refinement.rounds': '1',
  'refinement.dilations': '[1,2]',
  'uncertainty.samples': '2',
  'schedule.iterations': '4',
  'segmentationStage.iterations': '4',
  'warmUp.images': '2',
  evaluateEvery: '1000',
  checkpointEvery: '2',
};

/** The preset `acdc` (staged) made tiny. */
export function tinyRecipe(settings: Readonly<Record<string, string>> = {}): TrainingConfig {
  return withSettings(presetOf('acdc'), { ...TINY_SETTINGS, ...settings });
}

/** The paper's single stage, on the tiny encoder. */
export function tinyJointRecipe(settings: Readonly<Record<string, string>> = {}): TrainingConfig {
  return tinyRecipe({ ...JOINT_SETTINGS, ...settings });
}

const JOINT_SETTINGS: Readonly<Record<string, string>> = {
  objective: 'joint',
  auxiliaryClassifier: 'true',
  'segmentation.decoder': 'largefov',
  'segmentation.encoder': 'shared',
  'segmentation.labels': 'released',
  'affinity.kind': 'learned',
  'losses.affinity': '0.1',
  'losses.auxiliary': '1',
  'losses.tokenContrast': '0.3',
  'losses.segmentationForm': 'halves',
  'schedule.uncertaintyAndAffinity': '0',
};
