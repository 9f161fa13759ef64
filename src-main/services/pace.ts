/** Rate and time left of work, from what was done over the last half minute, so that a slow start does not spoil them. */
export interface Pace {
  at(done: number, total: number): PaceFacts;
}

/** Null until there is a pace. */
export interface PaceFacts {
  readonly perSecond: number | null;
  readonly secondsLeft: number | null;
}

const WINDOW_MS = 30_000;
const MARK_EVERY_MS = 500;

/** @param now - milliseconds of a clock that only goes forward */
export function trackPace(now: () => number, from = 0): Pace {
  const marks = [{ time: now(), done: from }];
  return {
    at(done, total) {
      const time = now();
      if (time - marks.at(-1)!.time > MARK_EVERY_MS) marks.push({ time, done });
      while (marks.length > 2 && time - marks[0]!.time > WINDOW_MS) marks.shift();
      const perSecond = ((done - marks[0]!.done) / (time - marks[0]!.time)) * 1000;
      if (!Number.isFinite(perSecond) || perSecond <= 0) return { perSecond: null, secondsLeft: null };
      return { perSecond, secondsLeft: total > 0 ? Math.max(0, total - done) / perSecond : null };
    },
  };
}
