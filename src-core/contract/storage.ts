// What the open project takes on disk, and what of it can be made again.
import { z } from 'zod';
import { answers } from './call.ts';

export interface StorageFacts {
  readonly directory: string;
  /** Bytes of the database: tags, masks, predictions, history. */
  readonly databaseBytes: number;
  readonly runs: readonly { readonly id: string; readonly bytes: number }[];
  /** Bytes of pictures that are made again when they are needed. */
  readonly cacheBytes: number;
  /** Free on the disk that holds the project. */
  readonly freeBytes: number;
  /** Undo history kept for an item, at most. */
  readonly undoBytes: number;
}

export const STORAGE_CALLS = {
  'storage.facts': answers<StorageFacts>()(z.object({})),
  'storage.clearCache': answers<StorageFacts>()(z.object({})),
  /** How much undo history an item may keep; 1 MB to 1 GB. */
  'storage.setUndo': answers<StorageFacts>()(
    z.object({
      bytes: z
        .number()
        .int()
        .min(2 ** 20)
        .max(2 ** 30),
    }),
  ),
};
