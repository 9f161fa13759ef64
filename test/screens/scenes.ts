// Every screen in every state, as data.
import type { Scene } from './scene.ts';
import { EXPORT_SCENES } from './scenes/export.ts';
import { FRAME_SCENES } from './scenes/frame.ts';
import { IMAGES_SCENES } from './scenes/images.ts';
import { IMPORT_SCENES } from './scenes/import.ts';
import { RESULTS_SCENES } from './scenes/results.ts';
import { REVIEW_SCENES } from './scenes/review.ts';
import { SETTINGS_SCENES } from './scenes/settings.ts';
import { START_SCENES } from './scenes/start.ts';
import { TRAIN_SCENES } from './scenes/train.ts';

export const SCENES: readonly Scene[] = [
  ...START_SCENES,
  ...IMPORT_SCENES,
  ...IMAGES_SCENES,
  ...TRAIN_SCENES,
  ...REVIEW_SCENES,
  ...RESULTS_SCENES,
  ...EXPORT_SCENES,
  ...SETTINGS_SCENES,
  ...FRAME_SCENES,
];
