// Plays the phases of a slice, as fast as they come.
import type { Review } from '../../state/review.svelte.ts';

const PHASES_PER_SECOND = 15;

export class Cine {
  playing = $state(false);
  private timer: ReturnType<typeof setInterval> | undefined;
  private readonly review: Review;

  constructor(review: Review) {
    this.review = review;
  }

  toggle(): void {
    if (this.playing) this.stop();
    else this.start();
  }

  stop(): void {
    clearInterval(this.timer);
    this.playing = false;
  }

  private start(): void {
    if ((this.review.way.recording?.phases.length ?? 0) < 2) return;
    this.playing = true;
    this.timer = setInterval(() => {
      // A phase that is still on its way is waited for, not skipped.
      if (this.review.way.opening === null) void this.review.way.step(0, 1);
    }, 1000 / PHASES_PER_SECOND);
  }
}
