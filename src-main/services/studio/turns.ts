interface Waiting {
  readonly begin: () => void;
}

/** Lets a few pieces of work run at once; the others wait in order, and whoever no longer wants theirs leaves the queue. */
export class Turns {
  private readonly atOnce: number;
  private readonly waiting = new Set<Waiting>();
  private running = 0;

  constructor(atOnce: number) {
    this.atOnce = atOnce;
  }

  /** Runs work when it is its turn. Throws what `signal` aborts with, unless the work has begun by then. */
  async take<Result>(work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    signal?.throwIfAborted();
    if (this.running >= this.atOnce) await this.wait(signal);
    else this.running += 1;
    try {
      return await work();
    } finally {
      this.passOn();
    }
  }

  private wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.waiting.delete(place);
        reject(signal?.reason as Error); // a signal aborts with a DOMException
      };
      const place: Waiting = {
        begin: () => {
          signal?.removeEventListener('abort', leave);
          resolve();
        },
      };
      this.waiting.add(place);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  /** The one who ends hands the turn to the next, so that nobody slips in between. */
  private passOn(): void {
    const [next] = this.waiting;
    if (!next) {
      this.running -= 1;
      return;
    }
    this.waiting.delete(next);
    next.begin();
  }
}
