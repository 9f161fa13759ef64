// Which slices a person is asked to tap windows of, and which windows.
import { z } from 'zod';
import { CROP_PLAN, type CropTask } from '../../src-core/contract/tags.ts';
import { layoutWindows, USUAL_CROPS, type CropPlan } from '../../src-core/review/crop-layout.ts';
import { UNKNOWN } from '../../src-core/review/tag.ts';
import { createRandom, shuffled } from '../../src-core/training/random.ts';
import { readItemTags } from '../storage/tag-store.ts';
import type { Project } from './project.ts';

/** Setting with the plan of each class that has one of its own, by its name. */
const PLANS = 'crop-plans';
/** Slices and windows are drawn from it, so that the same ones are asked for after a restart. */
const SEED = 0;
/** Slices told ahead. */
const AHEAD = 2;

interface Slice {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

/** Where to go among the slices that are asked for. */
export type CropStep = 'undone' | 'next' | 'previous' | 'here';

export class Crops {
  private readonly project: Project;
  /** Training slices in the order they are asked for: a share of them is spread over all patients. */
  private readonly order: readonly Slice[];

  constructor(project: Project) {
    this.project = project;
    const rows = project.database.prepare(
      `SELECT i.id, v.width, v.height FROM items i JOIN volumes v ON v.number = i.volume
       JOIN patients p ON p.number = v.patient WHERE p.split = 'train' ORDER BY i.number`,
    );
    const training = Array.from(rows.iterate(), (row): Slice => ({
      id: String(row['id']),
      width: Number(row['width']),
      height: Number(row['height']),
    }));
    this.order = shuffled(training, createRandom(SEED).fork('crop slices'));
  }

  plan(index: number): CropPlan {
    return this.plans()[this.className(index)] ?? USUAL_CROPS;
  }

  setPlan(index: number, plan: CropPlan): void {
    this.project.setSetting(PLANS, { ...this.plans(), [this.className(index)]: plan });
  }

  /** A slice to tap; undefined where none is left, or the one asked for is not among them. */
  task(index: number, item: string | undefined, go: CropStep): CropTask | undefined {
    const plan = this.plan(index);
    const asked = this.order.slice(0, Math.ceil(plan.share * this.order.length));
    const done = this.doneItems(index);
    const at = asked.findIndex(({ id }) => id === item);
    const place = placeOf(asked, at, go, done);
    const found = asked[place];
    if (!found) return undefined;
    const { id, width, height } = found;
    const total = asked.length;
    return {
      ...{ item: id, width, height, place, total },
      done: asked.filter((each) => done.has(each.id)).length,
      upcoming: asked
        .slice(place + 1)
        .filter((each) => !done.has(each.id))
        .slice(0, AHEAD)
        .map((each) => each.id),
      windows: this.windows(found, index, plan),
    };
  }

  /** Windows that were tapped before, or new ones. */
  private windows(item: Slice, index: number, plan: CropPlan): CropTask['windows'] {
    const said = readItemTags(this.project.database, this.project.itemNumber(item.id)).flatMap((tag) =>
      tag.window && tag.origin === 'annotator' && tag.present[index] !== UNKNOWN
        ? [{ window: tag.window, shown: tag.present[index]! }]
        : [],
    );
    if (said.length > 0) return said;
    const random = createRandom(SEED).fork(`${this.className(index)} ${item.id}`);
    return layoutWindows(item, plan, random).map((window) => ({ window, shown: UNKNOWN }));
  }

  /** Slices with windows in which the class was looked for. */
  private doneItems(index: number): Set<string> {
    const rows = this.project.database
      .prepare(
        `SELECT DISTINCT i.id FROM tags t JOIN items i ON i.number = t.item
         WHERE t.x IS NOT NULL AND t.origin = 'annotator' AND substr(t.present, ?, 1) <> x'02'`,
      )
      .all(index + 1);
    return new Set(rows.map((row) => String(row['id'])));
  }

  private plans(): Readonly<Record<string, CropPlan>> {
    return z.record(z.string(), CROP_PLAN).safeParse(this.project.setting(PLANS)).data ?? {};
  }

  private className(index: number): string {
    const name = this.project.classes[index];
    if (name === undefined) throw new Error(`class: expected 0 to ${this.project.classes.length - 1}, got ${index}`);
    return name;
  }
}

function placeOf(asked: readonly Slice[], at: number, go: CropStep, done: ReadonlySet<string>): number {
  if (go === 'here') return at;
  if (go === 'next') return at + 1;
  if (go === 'previous') return at - 1;
  const isOpen = ({ id }: Slice): boolean => !done.has(id);
  const later = asked.findIndex((item, place) => place > at && isOpen(item));
  return later >= 0 ? later : asked.findIndex(isOpen);
}
