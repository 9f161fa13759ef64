// How one call of the contract is written down: its parameters as a schema that the host checks, its result as a type.
import type { z } from 'zod';

/** A call from a screen to the services. */
export interface Call<Params extends z.ZodType, Result> {
  readonly params: Params;
  /** Only a type: the services are our own code and compiled against it. Never set. */
  readonly result?: Result;
}

/** `answers<Result>()(schema)`: the schema is inferred, the result is named. */
export function answers<Result>(): <Params extends z.ZodType>(params: Params) => Call<Params, Result> {
  return (params) => ({ params });
}

/** How a call ends. Electron and sockets carry values, not errors. */
export type Answer<Result> =
  | { readonly ok: true; readonly value: Result }
  | { readonly ok: false; readonly kind: string; readonly message: string };
