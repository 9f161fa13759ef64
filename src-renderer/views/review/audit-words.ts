// What the audit trail says happened, in the person's language.
import { t, type MessageKey } from '../../i18n/index.svelte.ts';

const WORDS: Readonly<Record<string, MessageKey>> = {
  accept: 'review:do.accept',
  reject: 'review:do.reject',
  flag: 'review:do.flag',
  reopen: 'review:do.reopen',
  'start over': 'review:do.startOver',
  undo: 'review:do.undo',
  redo: 'review:do.redo',
  brush: 'review:do.brush',
  eraser: 'review:do.eraser',
  range: 'review:do.range',
  polygon: 'review:do.polygon',
  lasso: 'review:do.lasso',
  fill: 'review:do.fill',
  wand: 'readers:wand',
  affinity: 'review:do.affinity',
  move: 'review:do.move',
  'keep largest': 'review:do.keepLargest',
  'remove small': 'review:do.removeSmall',
  'fill holes': 'review:do.fillHoles',
  smooth: 'review:do.smooth',
  grow: 'review:do.grow',
  shrink: 'review:do.shrink',
  clear: 'review:do.clear',
  interpolate: 'review:do.interpolate',
  copy: 'readers:copied',
  adjudicate: 'readers:adjudication',
};

/** An action of the audit trail; one without words is shown by its name. */
export function auditAction(action: string): string {
  const key = WORDS[action];
  return key ? t(key) : action;
}
