// Thumbnails on disk, in one file of the project's cache folder: a hundred thousand small files would be slow to copy and
// to delete. Whatever goes wrong with it, pictures are made again.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';

const MOST_BYTES = 256 * 2 ** 20;
/** Share of the oldest pictures that go when it is full. */
const FORGOTTEN_SHARE = 0.1;
/** Pictures written between two looks at the size. */
const CHECK_EVERY = 200;

export class ThumbnailCache {
  private database: DatabaseSync | undefined;
  private select: StatementSync | undefined;
  private insert: StatementSync | undefined;
  private readonly mostBytes: number;
  private written = 0;

  constructor(directory: string, mostBytes = MOST_BYTES) {
    this.mostBytes = mostBytes;
    const folder = join(directory, 'cache');
    // Made anew when the one that is there is damaged; without one where the folder cannot be written to.
    if (!this.open(folder) && this.remove(folder)) this.open(folder);
  }

  read(item: string, side: number): Uint8Array | undefined {
    return this.attempt(() => this.select?.get(item, side)?.['data'] as Uint8Array | undefined); // stored as a blob
  }

  write(item: string, side: number, data: Uint8Array): void {
    this.attempt(() => {
      this.insert?.run(item, side, data);
      this.written += 1;
      if (this.written % CHECK_EVERY === 0) this.shrink();
    });
  }

  /** Forgets every picture and gives the disk back. */
  clear(): void {
    this.attempt(() => this.database?.exec('DELETE FROM thumbnails; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)'));
  }

  close(): void {
    this.database?.close();
    this.database = undefined;
    this.select = undefined;
    this.insert = undefined;
  }

  private open(folder: string): boolean {
    try {
      mkdirSync(folder, { recursive: true });
      const database = (this.database = new DatabaseSync(join(folder, 'thumbnails.db')));
      // Nothing here is missed after a crash.
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF');
      database.exec(
        `CREATE TABLE IF NOT EXISTS thumbnails (
           number INTEGER PRIMARY KEY, item TEXT NOT NULL, side INTEGER NOT NULL, data BLOB NOT NULL, UNIQUE (item, side))`,
      );
      this.select = database.prepare('SELECT data FROM thumbnails WHERE item = ? AND side = ?');
      this.insert = database.prepare('INSERT OR REPLACE INTO thumbnails (item, side, data) VALUES (?, ?, ?)');
      return true;
    } catch {
      this.close();
      return false;
    }
  }

  private remove(folder: string): boolean {
    try {
      for (const end of ['', '-wal', '-shm']) rmSync(join(folder, `thumbnails.db${end}`), { force: true });
      return true;
    } catch {
      return false;
    }
  }

  private shrink(): void {
    const { database } = this;
    if (!database) return;
    const value = (pragma: string) => Number(Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);
    if ((value('page_count') - value('freelist_count')) * value('page_size') <= this.mostBytes) return;
    const count = Number(database.prepare('SELECT count(*) AS n FROM thumbnails').get()?.['n']);
    database
      .prepare('DELETE FROM thumbnails WHERE number IN (SELECT number FROM thumbnails ORDER BY number LIMIT ?)')
      .run(Math.ceil(count * FORGOTTEN_SHARE));
  }

  /** A cache that fails is gone without; the disk may be full or the folder gone. */
  private attempt<Result>(use: () => Result): Result | undefined {
    try {
      return use();
    } catch {
      this.close();
      return undefined;
    }
  }
}
