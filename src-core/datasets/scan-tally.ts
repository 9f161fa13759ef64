// What a scan found, counted while it goes on.
import { shortened } from '../imaging/refusal.ts';
import { learnability, type ClassCount } from '../review/tag.ts';
import type { FoundVolume, PrivacySummary, ScanEvent } from './importer.ts';
import type { Group, Split } from './split.ts';

/** What was found in a source, in numbers, and what was doubted and refused. */
export interface ScanSummary {
  readonly classes: readonly string[];
  readonly patients: number;
  readonly volumes: number;
  readonly items: number;
  /** Volumes by phase name, such as ED and ES; the empty name is "none". */
  readonly phases: Readonly<Record<string, number>>;
  /** Patients that the source itself places on a side. */
  readonly given: Readonly<Record<Split, number>>;
  readonly tags: number;
  readonly taggedItems: number;
  /** For each class, the tags that show it and those that do not. */
  readonly classCounts: readonly ClassCount[];
  /** Volumes with masks. */
  readonly masks: number;
  /** Volumes whose voxel spacing is unknown. */
  readonly withoutSpacing: number;
  readonly warnings: readonly ScanWarning[];
  readonly refused: readonly ScanRefusal[];
  /** What of persons was found and left out; absent where the format says nothing of persons. */
  readonly privacy?: PrivacySummary;
}

/** A doubt about a file; an empty name means the whole data set. */
export interface ScanWarning {
  readonly file: string;
  readonly message: string;
}

/** A file (or line of a table) that was left out. */
export interface ScanRefusal {
  readonly file: string;
  readonly expected: string;
  readonly found: string;
}

/** Counts scan events. */
export class ScanTally {
  private classes: readonly string[] = [];
  private readonly groupsByName = new Map<string, Group>();
  private readonly phases: Record<string, number> = {};
  /** By file and message: each frame of a 4-D file would say the same of it. */
  private readonly warnings = new Map<string, ScanWarning>();
  private readonly refused: ScanRefusal[] = [];
  private readonly counts = { volumes: 0, items: 0, masks: 0, withoutSpacing: 0, tags: 0, taggedItems: 0 };
  private positive: number[] = [];
  private negative: number[] = [];
  private privacy: PrivacySummary | undefined;

  /** Counts in one event. */
  take(event: ScanEvent): void {
    switch (event.kind) {
      case 'plan':
        this.classes = event.classes;
        this.positive = event.classes.map(() => 0);
        this.negative = event.classes.map(() => 0);
        return;
      case 'volume':
        this.countVolume(event.volume);
        return;
      case 'warning':
        this.warnings.set(`${event.file}\n${event.message}`, { file: event.file, message: shortened(event.message) });
        return;
      case 'refused':
        this.refused.push({
          file: event.file,
          expected: shortened(event.expected),
          found: shortened(event.found),
        });
        return;
      case 'privacy':
        this.privacy = event.privacy;
        return;
      case 'step':
        return;
    }
  }

  /** The patients (or single images) found. */
  get groups(): readonly Group[] {
    return [...this.groupsByName.values()];
  }

  /** All that was counted, with doubts about classes that the tags cannot teach. */
  summary(): ScanSummary {
    const given: Record<Split, number> = { train: 0, validation: 0, test: 0 };
    for (const group of this.groupsByName.values()) if (group.given) given[group.given] += 1;
    const classCounts = this.positive.map((positive, index) => ({ positive, negative: this.negative[index]! }));
    const doubts = this.classes.map((name, index) => learnability(name, classCounts[index]!));
    const warnings = [...this.warnings.values()];
    for (const message of new Set(doubts)) if (message !== undefined) warnings.push({ file: '', message });
    return {
      classes: this.classes,
      patients: this.groupsByName.size,
      ...this.counts,
      phases: this.phases,
      given,
      classCounts,
      warnings,
      refused: this.refused,
      ...(this.privacy && { privacy: this.privacy }),
    };
  }

  /** Why there is nothing to make a project of, by the first things that were refused; undefined where there is something. */
  explainEmpty(format: string): string | undefined {
    return this.counts.items > 0 ? undefined : `nothing to import as ${format}${this.firstRefusals()}`;
  }

  /** The first things that were refused, a line each; empty where there are none. */
  firstRefusals(): string {
    const lines = this.refused.slice(0, 5).map((r) => `\n  ${r.file}: expected ${r.expected}, found ${r.found}`);
    return lines.join('') + (this.refused.length > 5 ? `\n  and ${this.refused.length - 5} more` : '');
  }

  private countVolume(volume: FoundVolume): void {
    if (!this.groupsByName.has(volume.patient)) {
      const given = volume.split ? { given: volume.split } : {};
      this.groupsByName.set(volume.patient, { name: volume.patient, ...given });
    }
    this.phases[volume.phase] = (this.phases[volume.phase] ?? 0) + 1;
    this.counts.volumes += 1;
    this.counts.items += volume.items.length;
    if (volume.truth || volume.items.some(({ mask }) => mask)) this.counts.masks += 1;
    if (!volume.spacing) this.counts.withoutSpacing += 1;
    for (const { tags } of volume.items) {
      this.counts.tags += tags.length;
      if (tags.length > 0) this.counts.taggedItems += 1;
      for (const { present } of tags) {
        present.forEach((value, index) => {
          if (value === 1) this.positive[index]! += 1;
          if (value === 0) this.negative[index]! += 1;
        });
      }
    }
  }
}
