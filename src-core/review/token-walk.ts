// A walk over the token grid of an image that keeps returning to where it began: UniA, Eq. 11, on plain arrays.
import type { Window } from '../imaging/plane.ts';

/** Affinity of the tokens of an item. */
export interface ItemAffinity {
  /** Rows and columns of the token grid. */
  readonly grid: readonly [number, number];
  /** The part of the image that the grid covers, in pixels of the image; it may reach beyond it. */
  readonly area: Window;
  /** `(L, L)`, 0 or more. */
  readonly affinity: Float32Array;
}

/** Per token its neighbours and the share that each has in a step of the walk; those beyond the border have none. */
export interface TokenWalk {
  readonly neighbours: Int32Array;
  readonly shares: Float32Array;
  /** Neighbours of a token. */
  readonly count: number;
}

/** Chebyshev distance of a step on the token grid. */
const TOKEN_RADIUS = 2;
const WALK_ROUNDS = 3;
/** Share of the start itself in every round. */
const WALK_RESTART = 0.5;
/** The walk within the radius; the shares of each token add up to 1. */
export function prepareWalk({ grid: [rows, columns], affinity }: ItemAffinity): TokenWalk {
  const tokens = rows * columns;
  const count = (2 * TOKEN_RADIUS + 1) ** 2;
  const neighbours = new Int32Array(tokens * count);
  const shares = new Float32Array(tokens * count);
  for (let token = 0; token < tokens; token++) {
    const [row, column] = [Math.floor(token / columns), token % columns];
    let at = token * count;
    let total = 0;
    for (let y = row - TOKEN_RADIUS; y <= row + TOKEN_RADIUS; y++) {
      for (let x = column - TOKEN_RADIUS; x <= column + TOKEN_RADIUS; x++, at++) {
        if (y < 0 || y >= rows || x < 0 || x >= columns) continue;
        neighbours[at] = y * columns + x;
        total += shares[at] = affinity[neighbours[at]! * tokens + token]!;
      }
    }
    for (let k = token * count; k < (token + 1) * count; k++) shares[k]! /= Math.max(total, 1e-12);
  }
  return { neighbours, shares, count };
}

/** What arrives at each token. */
export function walked(walk: TokenWalk, start: Float32Array): Float32Array {
  let map = start;
  for (let round = 0; round < WALK_ROUNDS; round++) {
    const next = new Float32Array(map.length);
    for (let token = 0; token < map.length; token++) {
      let arriving = 0;
      for (let k = token * walk.count; k < (token + 1) * walk.count; k++) {
        arriving += walk.shares[k]! * map[walk.neighbours[k]!]!;
      }
      next[token] = WALK_RESTART * start[token]! + (1 - WALK_RESTART) * arriving;
    }
    map = next;
  }
  return map;
}
