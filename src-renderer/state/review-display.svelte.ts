// How items are shown: window, masks, values over the image. Kept with the person's settings, so that it is the same tomorrow.
import type { IntensityRange } from '../../src-core/imaging/normalise.ts';
import type { SettingsChanges } from '../../src-core/contract/settings.ts';
import type { ProjectClass } from '../../src-core/contract/project.ts';
import type { MaskLook } from '../canvas/scene.ts';
import type { Viewport } from '../canvas/viewport.ts';
import { presetWindow, type IntensityStatistics, type WindowLevel, type WindowPreset } from '../canvas/window-level.ts';
import type { AppState } from './app.svelte.ts';

/** What is kept in the settings, with what it is at first. */
const KEPT = {
  smooth: true,
  fill: true,
  outline: true,
  opacity: 0.35,
  uncertainty: true,
  uncertaintyOpacity: 0.75,
  uncertaintyThreshold: 0.3,
  activationOpacity: 0.7,
  activationThreshold: 0.3,
  touched: false,
  autoAdvance: true,
  queueOpen: true,
  inspectorOpen: true,
};
type Kept = typeof KEPT;
const PLACE = 'review';
const WRITE_AFTER_MS = 600;

export class ReviewDisplay {
  kept = $state<Kept>({ ...KEPT });
  /** Null: the whole image. */
  viewport = $state.raw<Viewport | null>(null);
  window = $state.raw<WindowLevel>({ level: 0.5, width: 1 });
  /** The preset that the window is from; null where a person has set it. */
  preset = $state<WindowPreset | null>('auto');
  /** Class whose activation is drawn, by its place from 0; null: none. */
  activation = $state<number | null>(null);
  hidden = $state.raw<ReadonlySet<number>>(new Set());
  /** Opacity of a class's fill, where it differs from the others'. */
  opacities = $state.raw<ReadonlyMap<number, number>>(new Map());
  /** Labels are hidden while a key is held. */
  masksHeldBack = $state(false);
  private lastPreset: WindowPreset = 'auto';
  private writing: ReturnType<typeof setTimeout> | undefined;
  private readonly app: AppState;

  constructor(app: AppState) {
    this.app = app;
    Object.assign(this.kept, fitting(app.settings.view[PLACE]));
  }

  /** How masks of these classes are drawn. */
  lookOf(classes: readonly ProjectClass[]): MaskLook {
    const { fill, outline, opacity } = this.kept;
    return {
      classes: classes.map(({ colour }, i) => ({
        colour,
        opacity: this.opacities.get(i + 1) ?? opacity,
        shown: !this.hidden.has(i + 1),
      })),
      fill: fill && !this.masksHeldBack,
      outline: outline && !this.masksHeldBack,
    };
  }

  change(changes: Partial<Kept>): void {
    Object.assign(this.kept, changes);
    clearTimeout(this.writing);
    this.writing = setTimeout(() => void this.write(), WRITE_AFTER_MS);
  }

  toggleClass(label: number): void {
    const hidden = new Set(this.hidden);
    if (!hidden.delete(label)) hidden.add(label);
    this.hidden = hidden;
  }

  opacityOf(label: number): number {
    return this.opacities.get(label) ?? this.kept.opacity;
  }

  setOpacity(label: number, opacity: number): void {
    this.opacities = new Map([...this.opacities, [label, opacity]]);
  }

  usePreset(preset: WindowPreset, statistics: IntensityStatistics): void {
    this.preset = this.lastPreset = preset;
    this.window = presetWindow(preset, statistics);
  }

  /** A window that a person has set by hand or by number. */
  setWindow(window: WindowLevel): void {
    this.preset = null;
    this.window = window;
  }

  /** Another recording has intensities of its own: the preset is measured anew, or taken from what the source asks for. */
  restartWindow(statistics: IntensityStatistics, asked: IntensityRange | null): void {
    this.usePreset(this.lastPreset, statistics);
    if (asked && this.lastPreset === 'auto' && asked.high > asked.low) {
      this.window = { level: (asked.low + asked.high) / 2, width: asked.high - asked.low };
    }
  }

  private async write(): Promise<void> {
    const view: SettingsChanges['view'] = { ...this.app.settings.view, [PLACE]: { ...this.kept } };
    // A habit that cannot be kept is no reason to stop anyone.
    await this.app.changeSettings({ view }).catch(() => undefined);
  }
}

/** Those of the stored values that are of the type they should be. */
function fitting(stored: unknown): Partial<Kept> {
  if (typeof stored !== 'object' || stored === null) return {};
  const known = Object.entries(stored).filter(
    ([key, value]) => Object.hasOwn(KEPT, key) && typeof value === typeof KEPT[key as keyof Kept],
  );
  return Object.fromEntries(known);
}
