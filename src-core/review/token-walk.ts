// A walk over the token grid of an image that keeps returning to where it began: UniA, Eq. 11, on plain arrays.
import type { Window } from '../imaging/plane.ts';

/** How a trained model relates the tokens of an item to those around them. */
export interface ItemAffinity {
  /** Rows and columns of the token grid. */
  readonly grid: readonly [number, number];
  /** The part of the image that the grid covers, in pixels of the image; it may reach beyond it. */
  readonly area: Window;
  /** Per token the affinity to each one within the radius, rows first, 0 or more; 0 beyond the border. */
  readonly near: Float32Array;
}

/** A step of the walk. */
export interface TokenWalk {
  /** Per token those within the radius; itself in place of those beyond the border. */
  readonly neighbours: Int32Array;
  /** What each of them has in a step; they add up to 1. */
  readonly shares: Float32Array;
}

/** Chebyshev distance of a step on the token grid. */
const RADIUS = 2;
/** Tokens within it. */
const COUNT = (2 * RADIUS + 1) ** 2;
const ROUNDS = 3;
/** Share of the start itself in every round. */
const RESTART = 0.5;

/**
 * What the walk needs of an affinity.
 *
 * @param affinity - of every token to every one, `(L, L)`
 */
export function nearAffinity([rows, columns]: readonly [number, number], affinity: Float32Array): Float32Array {
  const near = new Float32Array(rows * columns * COUNT);
  visitNeighbours(rows, columns, (at, token, neighbour) => {
    near[at] = affinity[neighbour * rows * columns + token]!;
  });
  return near;
}

export function prepareWalk({ grid: [rows, columns], near }: ItemAffinity): TokenWalk {
  const tokens = rows * columns;
  if (near.length !== tokens * COUNT) {
    throw new RangeError(`affinity: expected ${tokens} x ${COUNT} values, got ${near.length}`);
  }
  const neighbours = Int32Array.from(near, (_, at) => Math.floor(at / COUNT));
  visitNeighbours(rows, columns, (at, _, neighbour) => {
    neighbours[at] = neighbour;
  });
  const shares = new Float32Array(near.length);
  for (let from = 0; from < near.length; from += COUNT) {
    const own = near.subarray(from, from + COUNT);
    const total = own.reduce((sum, each) => sum + each, 0);
    for (let k = 0; k < COUNT; k++) shares[from + k] = own[k]! / Math.max(total, 1e-12);
  }
  return { neighbours, shares };
}

/** What arrives at each token. */
export function walked({ neighbours, shares }: TokenWalk, start: Float32Array): Float32Array {
  let map = start;
  for (let round = 0; round < ROUNDS; round++) {
    const next = new Float32Array(map.length);
    for (let token = 0; token < map.length; token++) {
      let arriving = 0;
      for (let k = token * COUNT; k < (token + 1) * COUNT; k++) arriving += shares[k]! * map[neighbours[k]!]!;
      next[token] = RESTART * start[token]! + (1 - RESTART) * arriving;
    }
    map = next;
  }
  return map;
}

/** Calls with every pair of tokens within the radius, and where it is kept. */
function visitNeighbours(
  rows: number,
  columns: number,
  visit: (at: number, token: number, neighbour: number) => void,
): void {
  let at = 0;
  for (let token = 0; token < rows * columns; token++) {
    const [row, column] = [Math.floor(token / columns), token % columns];
    for (let y = row - RADIUS; y <= row + RADIUS; y++) {
      for (let x = column - RADIUS; x <= column + RADIUS; x++, at++) {
        if (y >= 0 && y < rows && x >= 0 && x < columns) visit(at, token, y * columns + x);
      }
    }
  }
}
