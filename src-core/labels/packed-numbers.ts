// Whole numbers in as few bytes as they need, 7 bits a byte, lowest first, the high bit set on all but the last byte; and a checksum.

/** Appends a number from 0 to 2^53 - 1. */
export function pushNumber(bytes: number[], value: number): void {
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

/** 0, -1, 1, -2, 2, ... as 0, 1, 2, 3, 4, ...: small numbers of either sign stay small. */
export function toUnsigned(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

/** What `toUnsigned` was given. */
export function toSigned(value: number): number {
  return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
}

/** Reads what was pushed, in order; throws, naming `what` it reads, where the bytes end early or a number is too large. */
export class NumberReader {
  private readonly bytes: Uint8Array;
  private readonly what: string;
  private at: number;

  constructor(what: string, bytes: Uint8Array, at: number) {
    this.what = what;
    this.bytes = bytes;
    this.at = at;
  }

  get done(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new Error(`${this.what}: expected more numbers, got the end of the bytes`);
    return byte;
  }

  number(most: number): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte % 128) * scale;
      if (value > most || scale > 2 ** 49)
        throw new Error(`${this.what}: expected numbers of at most ${most}, got more`);
      if (byte < 128) return value;
    }
  }
}

/** FNV-1a, 32 bits: finds damage, is no protection against intent. */
export function checksum(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash >>> 0;
}
