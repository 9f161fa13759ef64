/**
 * Results of an asynchronous function over values, in their order, with at most `ahead` of them under way:
 * reading and decompressing overlap while memory stays bounded.
 */
export async function* mapAhead<Value, Result>(
  values: Iterable<Value>,
  ahead: number,
  apply: (value: Value) => Promise<Result>,
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = [];
  try {
    for (const value of values) {
      const started = apply(value);
      // A later failure surfaces when its turn comes; until then it must not count as unhandled.
      started.catch(() => undefined);
      underWay.push(started);
      const first = underWay[0];
      if (underWay.length < ahead || !first) continue;
      yield await first;
      void underWay.shift();
    }
    while (underWay.length > 0) yield await (underWay.shift() as Promise<Result>);
  } finally {
    await Promise.allSettled(underWay);
  }
}
