import { t, type MessageKey } from '../../i18n/index.svelte.ts';
import type { ActionFacts } from '../../state/actions.svelte.ts';

/** Classes that have a key of their own. */
export const KEYED_CLASSES = 9;

/** Words, heading and usual keys of everything that works on the review screen, in the order of the key sheet. */
const KEYS = {
  decide: {
    finish: ['Enter'],
    accept: ['A', 'Enter'],
    fix: ['F'],
    reject: ['R'],
    flag: ['X'],
    reopen: ['Shift+X'],
    acceptBelow: ['Shift+A'],
    startOver: [],
  },
  readers: {
    readers: [],
    leaveReading: [],
    adjudicate: [],
    takeFirst: ['Shift+F8'],
    takeSecond: ['Shift+F9'],
    auditCsv: [],
    auditJson: [],
  },
  go: {
    nextUndone: ['N'],
    next: ['D', 'Period'],
    previous: ['Shift+D', 'Comma'],
    sliceUp: ['ArrowUp'],
    sliceDown: ['ArrowDown'],
    phaseBack: ['ArrowLeft'],
    phaseOn: ['ArrowRight'],
    endDiastole: ['Home'],
    endSystole: ['End'],
    play: ['P'],
  },
  tools: {
    look: ['V'],
    brush: ['B'],
    eraser: ['E'],
    range: ['Shift+B'],
    polygon: ['Shift+L'],
    lasso: ['L'],
    fill: ['K'],
    wand: ['W'],
    affinity: ['G'],
    move: ['M'],
    swapTool: ['Q'],
    smaller: ['BracketLeft'],
    larger: ['BracketRight'],
    stepBack: ['Backspace'],
    cancel: ['Escape'],
    pointer: ['J'],
    press: ['Space'],
    pressOther: ['Shift+Space'],
  },
  change: {
    undo: ['$mod+Z'],
    redo: ['$mod+Shift+Z', '$mod+Y'],
    keepLargest: ['Shift+K'],
    removeSmall: [],
    fillHoles: ['Shift+H'],
    smooth: ['Shift+S'],
    grow: ['Shift+BracketRight'],
    shrink: ['Shift+BracketLeft'],
    clear: ['Delete'],
    interpolate: ['I'],
    interpolatePhases: ['Shift+I'],
    propagateSlice: ['Y'],
    propagatePhase: ['Shift+Y'],
    copySliceAbove: ['$mod+ArrowUp'],
    copySliceBelow: ['$mod+ArrowDown'],
    copyPhaseBefore: ['$mod+ArrowLeft'],
    copyPhaseAfter: ['$mod+ArrowRight'],
  },
  view: {
    pan: ['Space'],
    hide: ['H'],
    uncertainty: ['U'],
    activation: ['C'],
    fillMasks: ['O'],
    outlines: ['Shift+O'],
    touched: ['T'],
    smoothImage: ['S'],
    autoWindow: ['Shift+W'],
    windowNarrower: ['Alt+ArrowLeft'],
    windowWider: ['Alt+ArrowRight'],
    windowBrighter: ['Alt+ArrowUp'],
    windowDarker: ['Alt+ArrowDown'],
    zoomIn: ['[Shift]+Equal', '[Shift]++'],
    zoomOut: ['Minus', '-'],
    fit: ['Digit0'],
    oneToOne: ['Shift+Digit0'],
    panels: ['Backslash'],
    queuePanel: ['$mod+B'],
    inspectorPanel: ['$mod+I'],
  },
  compare: {
    compareP1: ['F1'],
    compareP2: ['F2'],
    compareP3: ['F3'],
    compareSegmentation: ['F4'],
    compareBase: ['Backquote'],
    seeFirst: ['F8'],
    seeSecond: ['F9'],
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

type Groups = typeof KEYS;
type NameIn<Group> = Group extends unknown ? keyof Group & string : never;
export type ReviewCommand = NameIn<Groups[keyof Groups]> | `class${number}` | `showClass${number}`;

interface ReviewActionFacts extends ActionFacts {
  readonly command: ReviewCommand;
}

/** What works on the review screen. */
export function reviewActions(): readonly ReviewActionFacts[] {
  const facts = (command: ReviewCommand, title: string, group: string, keys: readonly string[]): ReviewActionFacts => ({
    ...{ id: `review.${command}`, command, title, group, keys, scope: 'review' },
  });
  const named = Object.entries(KEYS).flatMap(([group, commands]) =>
    Object.entries<readonly string[]>(commands).map(([command, keys]) =>
      // Every command and group has a text of its name: the type of the catalogue holds them all.
      facts(
        command as ReviewCommand,
        t(`review:do.${command}` as MessageKey),
        t(`review:group.${group}` as MessageKey),
        keys,
      ),
    ),
  );
  const classes = Array.from({ length: KEYED_CLASSES }, (_, i) => i + 1);
  const group = t('review:classes');
  return [
    ...named,
    ...classes.map((n) => facts(`class${n}`, t('review:chooseClass', { n }), group, [`Digit${n}`])),
    ...classes.map((n) => facts(`showClass${n}`, t('review:showClass', { n }), group, [`Shift+Digit${n}`])),
  ];
}
