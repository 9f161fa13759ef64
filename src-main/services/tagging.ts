// Tags by hand. Each gesture is one transaction and one step of undo, however many images it is about.
import type { TagChange, TagFacts } from '../../src-core/contract/tags.ts';
import type { Window } from '../../src-core/imaging/plane.ts';
import { isNone, UNKNOWN, type Presence } from '../../src-core/review/tag.ts';
import { tagVersion } from '../storage/documents.ts';
import { TAGS, type Change } from '../storage/history-store.ts';
import { readItemTags, type StoredTag } from '../storage/tag-store.ts';
import { Gestures } from './gestures.ts';
import type { Project } from './project.ts';

const SCOPE = { part: TAGS } as const;

/** What a person said of a window of a slice. */
export interface TappedWindow extends Window {
  readonly shown: boolean;
}

/** Tags the images of a project for one annotator. */
export class Tagging {
  private readonly project: Project;
  private readonly annotator: string;
  private readonly gestures: Gestures;

  constructor(project: Project, annotator: string) {
    this.project = project;
    this.annotator = annotator;
    this.gestures = new Gestures(project);
  }

  /** Says the same of some images. Tags on their windows stay. */
  set(items: readonly string[], change: TagChange): void {
    const numbers = [...new Set(items)].map((item) => this.project.itemNumber(item));
    if (change.kind === 'toggle') this.checkClass(change.class);
    this.gestures.perform(this.annotator, this.wordsOf(change), () => {
      const all = numbers.map((item) => ({ item, tags: readItemTags(this.project.database, item) }));
      const shows = (tags: readonly StoredTag[], index: number) => imageTag(tags)?.present[index] === 1;
      const isSet = change.kind === 'toggle' && all.every(({ tags }) => shows(tags, change.class));
      return all.map(({ item, tags }) => this.changeOf(item, tags, this.changed(tags, change, isSet)));
    });
  }

  /** Says of windows whether they show a class, in place of what was said of it in windows of the image by hand. */
  setWindows(item: string, index: number, windows: readonly TappedWindow[]): void {
    this.checkClass(index);
    const number = this.project.itemNumber(item);
    const action = `windows of ${this.project.classes[index]}`;
    this.gestures.perform(this.annotator, action, () => {
      const tags = readItemTags(this.project.database, number);
      return [this.changeOf(number, tags, this.tapped(tags, index, windows))];
    });
  }

  undo(): void {
    this.gestures.undo(this.annotator, SCOPE);
  }

  redo(): void {
    this.gestures.redo(this.annotator, SCOPE);
  }

  facts(): TagFacts {
    const { database } = this.project;
    const count = (sql: string): number => Number(database.prepare(sql).get()?.['n'] ?? 0);
    return {
      images: count('SELECT count(*) AS n FROM items'),
      tagged: count('SELECT count(DISTINCT item) AS n FROM tags WHERE x IS NULL'),
      windowed: count('SELECT count(DISTINCT item) AS n FROM tags WHERE x IS NOT NULL'),
      windows: count('SELECT count(*) AS n FROM tags WHERE x IS NOT NULL'),
      classes: this.countClasses(),
      ...this.gestures.state(SCOPE),
    };
  }

  /** Counted by what is said: many tags say few different things. */
  private countClasses(): TagFacts['classes'] {
    const rows = this.project.database.prepare('SELECT present, count(*) AS n FROM tags GROUP BY present').all();
    const said = rows.map((row) => ({ present: row['present'] as Uint8Array, count: Number(row['n']) })); // a blob
    const total = (index: number, value: number): number =>
      said.reduce((sum, { present, count }) => sum + (present[index] === value ? count : 0), 0);
    return this.project.classes.map((_, index) => ({ positive: total(index, 1), negative: total(index, 0) }));
  }

  private changed(tags: readonly StoredTag[], change: TagChange, isSet: boolean): StoredTag[] {
    const windows = tags.filter(({ window }) => window !== null);
    if (change.kind === 'clear') return windows;
    const before = imageTag(tags)?.present ?? this.project.classes.map(() => 0);
    if (change.kind === 'none')
      return [
        ...windows,
        this.tag(
          null,
          this.project.classes.map(() => 0),
        ),
      ];
    const present = before.map((value, index) => (index === change.class ? (isSet ? 0 : 1) : value));
    // Taking the last class away is no statement that there is none: that has a key of its own.
    return isSet && isNone(present) ? windows : [...windows, this.tag(null, present)];
  }

  private tapped(tags: readonly StoredTag[], index: number, windows: readonly TappedWindow[]): StoredTag[] {
    const nothing: Presence = this.project.classes.map(() => UNKNOWN);
    const own = tags.filter(({ window, origin }) => window && origin === 'annotator');
    const byPlace = new Map(
      own.map(({ window, present }) => [placeOf(window!), { window, present: present.with(index, UNKNOWN) }]),
    );
    for (const { shown, ...window } of windows) {
      const { present = nothing } = byPlace.get(placeOf(window)) ?? {};
      byPlace.set(placeOf(window), { window, present: present.with(index, shown ? 1 : 0) });
    }
    const said = [...byPlace.values()].filter(({ present }) => present.some((value) => value !== UNKNOWN));
    return [
      ...tags.filter((tag) => !own.includes(tag)),
      ...said.map(({ window, present }) => this.tag(window, present)),
    ];
  }

  private tag(window: Window | null, present: Presence): StoredTag {
    return { window, present, origin: 'annotator', annotator: this.annotator };
  }

  private changeOf(item: number, before: readonly StoredTag[], after: readonly StoredTag[]): Change {
    return { item, part: TAGS, before: tagVersion(before), after: tagVersion(saySame(before, after) ? before : after) };
  }

  private checkClass(index: number): void {
    const { length } = this.project.classes;
    if (index >= length) throw new Error(`class: expected 0 to ${length - 1}, got ${index}`);
  }

  private wordsOf(change: TagChange): string {
    if (change.kind === 'toggle') return `tag ${this.project.classes[change.class]}`;
    return change.kind === 'none' ? 'tag none' : 'clear tags';
  }
}

/** Whether tags say the same, whoever gave them. */
function saySame(one: readonly StoredTag[], other: readonly StoredTag[]): boolean {
  const said = (tags: readonly StoredTag[]): string =>
    tags
      .map(({ window, present }) => `${window ? placeOf(window) : ''}: ${present.join(' ')}`)
      .sort()
      .join();
  return said(one) === said(other);
}

/** The tag on the whole image; of several, the latest. */
function imageTag(tags: readonly StoredTag[]): StoredTag | undefined {
  return tags.findLast(({ window }) => window === null);
}

function placeOf({ x, y, width, height }: Window): string {
  return [x, y, width, height].join(' ');
}
