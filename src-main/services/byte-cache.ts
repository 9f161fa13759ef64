/**
 * Keeps the most recently used values within a bound of bytes; the one asked for last even where it is larger by itself. A value asked for twice at once is made once,
 * and no more than `atOnce` are made at a time.
 */
export class ByteCache<Value> {
  private readonly limit: number;
  private readonly atOnce: number;
  private readonly sizeOf: (value: Value) => number;
  private readonly kept = new Map<string, { value: Promise<Value>; bytes: number }>();
  private readonly waiting: (() => void)[] = [];
  private running = 0;
  private total = 0;
  private last = '';

  constructor(limit: number, sizeOf: (value: Value) => number, atOnce = 4) {
    this.limit = limit;
    this.sizeOf = sizeOf;
    this.atOnce = atOnce;
  }

  /** Bytes kept now. */
  get bytes(): number {
    return this.total;
  }

  /** The value of a key, made by `make` unless it is kept. A failure is not kept. */
  get(key: string, make: () => Promise<Value>): Promise<Value> {
    const known = this.kept.get(key);
    this.last = key;
    if (known) {
      this.kept.delete(key);
      this.kept.set(key, known);
      return known.value;
    }
    const entry = { value: this.limited(make), bytes: 0 };
    this.kept.set(key, entry);
    entry.value.then(
      (value) => {
        entry.bytes = this.sizeOf(value);
        this.total += entry.bytes;
        this.shrink();
      },
      () => this.kept.delete(key),
    );
    return entry.value;
  }

  private async limited(make: () => Promise<Value>): Promise<Value> {
    while (this.running >= this.atOnce) await new Promise<void>((resume) => this.waiting.push(resume));
    this.running += 1;
    try {
      return await make();
    } finally {
      this.running -= 1;
      this.waiting.shift()?.();
    }
  }

  private shrink(): void {
    for (const [key, entry] of this.kept) {
      if (this.total <= this.limit) return;
      if (entry.bytes === 0 || key === this.last) continue;
      this.kept.delete(key);
      this.total -= entry.bytes;
    }
  }
}
