/** Questions to a task in the order in which they were asked; ends when the signal aborts. */
export class Questions implements AsyncIterable<unknown> {
  private readonly open: unknown[] = [];
  private readonly signal: AbortSignal;
  private wake: (() => void) | undefined;

  constructor(signal: AbortSignal) {
    this.signal = signal;
    signal.addEventListener('abort', () => this.wake?.());
  }

  put(question: unknown): void {
    this.open.push(question);
    this.wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown> {
    while (!this.signal.aborted) {
      if (this.open.length > 0) yield this.open.shift();
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}
