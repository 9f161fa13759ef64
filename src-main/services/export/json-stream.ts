// JSON whose lists are as long as the project: written item by item, so that memory does not grow with it.

/** Bytes gathered before they are handed on. */
const CHUNK = 2 ** 16;

/**
 * An object: first the plain fields, then the lists, one item a line.
 *
 * @param lists - pairs of a field and what it holds, taken in order and only when their turn comes
 */
export async function* streamObject(
  fields: Readonly<Record<string, unknown>>,
  lists: readonly (readonly [name: string, items: Iterable<unknown> | AsyncIterable<unknown>])[],
): AsyncGenerator<Uint8Array> {
  const plain = Object.entries(fields).map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  yield* gather(objectParts(plain, lists));
}

/** A list, one item a line. */
export async function* streamList(items: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  yield* gather(
    (async function* () {
      yield* listParts(items);
      yield '\n';
    })(),
  );
}

/** Texts as chunks of bytes. */
export async function* gather(parts: AsyncIterable<string> | Iterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let text = '';
  for await (const part of parts) {
    text += part;
    if (text.length < CHUNK) continue;
    yield encoder.encode(text);
    text = '';
  }
  if (text !== '') yield encoder.encode(text);
}

async function* objectParts(
  plain: readonly string[],
  lists: readonly (readonly [string, Iterable<unknown> | AsyncIterable<unknown>])[],
): AsyncGenerator<string> {
  yield '{';
  let separator = '\n';
  for (const field of plain) {
    yield `${separator}${field}`;
    separator = ',\n';
  }
  for (const [name, items] of lists) {
    yield `${separator}${JSON.stringify(name)}: `;
    yield* listParts(items);
    separator = ',\n';
  }
  yield '\n}\n';
}

async function* listParts(items: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<string> {
  let separator = '[\n';
  for await (const item of items) {
    yield `${separator}${JSON.stringify(item)}`;
    separator = ',\n';
  }
  yield separator === '[\n' ? '[]' : '\n]';
}
