// What each command of the review screen does.
import type { Action } from '../../state/actions.svelte.ts';
import type { Review, Compared } from '../../state/review.svelte.ts';
import { ReviewAcross } from '../../state/review-across.ts';
import { TOOLS } from '../../tools/toolbox.ts';
import { saveAudit } from '../results/audit-file.ts';
import { KEYED_CLASSES, type ReviewCommand } from './actions.ts';

/** What opens over the screen. */
export type ReviewDialog = 'reject' | 'acceptBelow' | 'readers' | 'leave';

/** What the parts of the screen do on their own. */
export interface ReviewScreen {
  readonly openDialog: (name: ReviewDialog) => void;
  readonly zoomBy: (factor: number) => void;
  readonly focusCanvas: () => void;
  readonly togglePlay: () => void;
  readonly hold: (keys: { readonly pan?: boolean; readonly window?: boolean }) => void;
  /** Whether the window was dragged since the key is held. */
  readonly windowWasDragged: () => boolean;
  readonly classCount: () => number;
}

type Command = Pick<Action, 'run' | 'release' | 'enabled' | 'changes'>;

const SMOOTH_RADIUS_PX = 2;
const SMALL_PIXELS = 20;
const ZOOM_STEP = 1.25;
/** One press changes the window by this share of its width. */
const WINDOW_STEP = 0.08;
/** One press of an arrow with the pointer in the keys, CSS pixels. */
const POINTER_STEP_PX = 6;

/** Every command and what it does. */
export function reviewCommands(review: Review, screen: ReviewScreen): Readonly<Record<ReviewCommand, Command>> {
  return {
    ...decisions(review, screen),
    ...readings(review, screen),
    ...ways(review, screen),
    ...tools(review, screen),
    ...changes(review, new ReviewAcross(review)),
    ...views(review, screen),
    ...comparisons(review),
    ...classes(review, screen),
  };
}

function decisions(review: Review, screen: ReviewScreen) {
  const can = { enabled: () => review.canDecide, changes: true };
  return {
    // Enter ends a polygon before it accepts anything.
    finish: { run: () => review.tools.hear([{ kind: 'finish' }]), enabled: () => review.tools.busy },
    accept: { run: () => void review.decide('accept'), ...can },
    fix: {
      ...can,
      run: () => {
        // What is looked at is what is corrected.
        if (review.compared === 'second') void review.adjudication.choose('second', true);
        review.tools.takeUp();
        screen.focusCanvas();
      },
    },
    reject: { run: () => screen.openDialog('reject'), ...can },
    flag: { run: () => void review.decide('flag'), ...can },
    reopen: { run: () => void review.decide('reopen'), ...can },
    acceptBelow: { run: () => screen.openDialog('acceptBelow'), ...can },
    startOver: { run: () => void review.startOver(), ...can },
  } satisfies Record<string, Command>;
}

function readings(review: Review, screen: ReviewScreen) {
  const { adjudication, readers, sides } = review;
  const audit = (format: 'csv' | 'json'): Command => ({
    run: () => void review.attempt(() => saveAudit(review.app, format)),
  });
  const compared = () => readers.second.filter(({ both }) => both > 0);
  return {
    readers: { run: () => screen.openDialog('readers') },
    leaveReading: {
      run: () => {
        if (adjudication.reader === undefined) screen.openDialog('leave');
        else void review.attempt(() => readers.readAs(readers.own?.name));
      },
      enabled: () => readers.shown !== undefined || adjudication.reader !== undefined,
    },
    adjudicate: {
      run: () => {
        const [only, ...others] = compared();
        if (only && others.length === 0) void review.attempt(() => readers.adjudicate(only.name));
        else screen.openDialog('readers');
      },
      enabled: () => compared().length > 0 && !readers.own?.isBlind,
    },
    takeFirst: {
      run: () => {
        const { open } = sides;
        if (adjudication.reader !== undefined) void adjudication.choose('first');
        else if (open?.first.labels) review.operate('copy', { kind: 'copy', from: open.first.labels.plane });
      },
      enabled: () => adjudication.reader !== undefined || Boolean(sides.open?.first.labels),
      changes: true,
    },
    auditCsv: audit('csv'),
    auditJson: audit('json'),
    takeSecond: {
      run: () => void adjudication.choose('second'),
      enabled: () => adjudication.reader !== undefined,
      changes: true,
    },
  } satisfies Record<string, Command>;
}

function ways(review: Review, screen: ReviewScreen) {
  const { tools } = review;
  const arrow = (slices: number, phases: number): Command => ({
    run: () => {
      const step = POINTER_STEP_PX / review.zoom;
      if (tools.byKeys) tools.movePointer(phases * step, slices * step);
      else void review.way.step(slices, phases);
    },
  });
  return {
    nextUndone: { run: () => void review.way.goOn('next', true) },
    next: { run: () => void review.way.goOn('next') },
    previous: { run: () => void review.way.goOn('previous') },
    sliceUp: arrow(-1, 0),
    sliceDown: arrow(1, 0),
    phaseBack: arrow(0, -1),
    phaseOn: arrow(0, 1),
    endDiastole: { run: () => void review.way.goToPhase('ED') },
    endSystole: { run: () => void review.way.goToPhase('ES') },
    play: { run: screen.togglePlay },
  } satisfies Record<string, Command>;
}

function tools(review: Review, screen: ReviewScreen) {
  const { tools } = review;
  const choices = Object.fromEntries(
    TOOLS.map((name) => [name, { run: () => tools.choose(name), changes: name !== 'look' }]),
  ) as Record<(typeof TOOLS)[number], Command>;
  return {
    ...choices,
    // Held, W turns a drag into window and level; let go without one, it is the wand.
    wand: {
      run: () => screen.hold({ window: true }),
      release: () => {
        const dragged = screen.windowWasDragged();
        screen.hold({ window: false });
        if (!dragged) tools.choose('wand');
      },
    },
    swapTool: { run: () => tools.swap(), changes: true },
    smaller: { run: () => tools.resize(-1) },
    larger: { run: () => tools.resize(1) },
    stepBack: { run: () => tools.hear([{ kind: 'back' }]), enabled: () => tools.busy },
    cancel: {
      run: () => (tools.busy ? tools.cancel() : review.propagation.cancel()),
      enabled: () => tools.busy || review.propagation.progress !== null,
    },
    pointer: {
      run: () => {
        const { picture } = review.item!; // enabled only with one
        tools.toggleKeys({ x: picture.width / 2, y: picture.height / 2 });
      },
      enabled: () => review.item !== undefined,
    },
    press: { run: () => tools.press(), enabled: () => tools.byKeys },
    pressOther: { run: () => tools.press(true), enabled: () => tools.byKeys },
  } satisfies Record<string, Command>;
}

function changes(review: Review, across: ReviewAcross) {
  const can = { enabled: () => review.canDecide, changes: true };
  const label = () => review.tools.label;
  const distance = (pixels: number) => ({ kind: 'resize', label: label(), distance: pixels }) as const;
  return {
    undo: { run: () => void review.undo(), ...can },
    redo: { run: () => void review.redo(), ...can },
    keepLargest: { run: () => review.operate('keep largest', { kind: 'keepLargest', label: label() }), ...can },
    removeSmall: {
      run: () => review.operate('remove small', { kind: 'removeSmall', label: label(), minimumPixels: SMALL_PIXELS }),
      ...can,
    },
    fillHoles: { run: () => review.operate('fill holes', { kind: 'fillHoles', label: label() }), ...can },
    smooth: {
      run: () => review.operate('smooth', { kind: 'smooth', label: label(), radiusPx: SMOOTH_RADIUS_PX }),
      ...can,
    },
    grow: { run: () => review.operate('grow', distance(1)), ...can },
    shrink: { run: () => review.operate('shrink', distance(-1)), ...can },
    clear: { run: () => review.operate('clear', { kind: 'clear', label: label() }), ...can },
    interpolate: { run: () => void across.interpolate(), ...can },
    interpolatePhases: { run: () => void across.interpolatePhases(), ...can },
    propagateSlice: { run: () => void review.propagation.propagateSlice(), ...can },
    propagatePhase: { run: () => void review.propagation.propagatePhase(), ...can },
    copySliceAbove: { run: () => void across.copyFrom(-1, 0), ...can },
    copySliceBelow: { run: () => void across.copyFrom(1, 0), ...can },
    copyPhaseBefore: { run: () => void across.copyFrom(0, -1), ...can },
    copyPhaseAfter: { run: () => void across.copyFrom(0, 1), ...can },
  } satisfies Record<string, Command>;
}

function views(review: Review, screen: ReviewScreen) {
  const { display } = review;
  const toggle = (name: 'uncertainty' | 'fill' | 'outline' | 'touched' | 'smooth' | 'queueOpen' | 'inspectorOpen') => ({
    run: () => display.change({ [name]: !display.kept[name] }),
  });
  const window = (level: number, width: number): Command => ({
    run: () => {
      const { window } = display;
      display.setWindow({ level: window.level + level * window.width, width: window.width * (1 + width) });
    },
  });
  return {
    pan: { run: () => screen.hold({ pan: true }), release: () => screen.hold({ pan: false }) },
    hide: { run: () => (display.masksHeldBack = true), release: () => (display.masksHeldBack = false) },
    uncertainty: toggle('uncertainty'),
    activation: {
      run: () => (display.activation = display.activation === null ? review.tools.label - 1 : null),
    },
    fillMasks: toggle('fill'),
    outlines: toggle('outline'),
    touched: toggle('touched'),
    smoothImage: toggle('smooth'),
    autoWindow: {
      run: () => review.item && display.usePreset('auto', review.item.statistics),
      enabled: () => review.item !== undefined,
    },
    windowNarrower: window(0, -WINDOW_STEP),
    windowWider: window(0, WINDOW_STEP),
    windowBrighter: window(-WINDOW_STEP, 0),
    windowDarker: window(WINDOW_STEP, 0),
    zoomIn: { run: () => screen.zoomBy(ZOOM_STEP) },
    zoomOut: { run: () => screen.zoomBy(1 / ZOOM_STEP) },
    fit: { run: () => (display.viewport = null) },
    oneToOne: { run: () => screen.zoomBy(1 / review.zoom) },
    panels: {
      run: () => {
        const open = !(display.kept.queueOpen || display.kept.inspectorOpen);
        display.change({ queueOpen: open, inspectorOpen: open });
      },
    },
    queuePanel: toggle('queueOpen'),
    inspectorPanel: toggle('inspectorOpen'),
  } satisfies Record<string, Command>;
}

function comparisons(review: Review) {
  const hold = (compared: Compared): Command => ({
    run: () => (review.compared = compared),
    release: () => {
      if (review.compared === compared) review.compared = null;
    },
  });
  return {
    compareP1: hold('p1'),
    compareP2: hold('p2'),
    compareP3: hold('p3'),
    compareSegmentation: hold('segmentation'),
    compareBase: hold('base'),
    seeFirst: { ...hold('first'), enabled: () => review.sides.open !== null },
    seeSecond: { ...hold('second'), enabled: () => Boolean(review.sides.open?.second) },
  } satisfies Record<string, Command>;
}

function classes(review: Review, screen: ReviewScreen): Record<`class${number}` | `showClass${number}`, Command> {
  const numbers = Array.from({ length: KEYED_CLASSES }, (_, i) => i + 1);
  const enabled = (n: number) => () => n <= screen.classCount();
  return Object.fromEntries([
    ...numbers.map((n) => [`class${n}`, { run: () => review.tools.chooseLabel(n), enabled: enabled(n) }] as const),
    ...numbers.map(
      (n) => [`showClass${n}`, { run: () => review.display.toggleClass(n), enabled: enabled(n) }] as const,
    ),
  ]);
}
