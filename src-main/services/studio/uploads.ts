// Folders that a browser sends file by file. One fills up beside where its project will go, and only when it is whole
// does it get its name; a cancelled one leaves nothing.
import { createWriteStream, mkdirSync, readdirSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ParamsOf } from '../../../src-core/contract/contract.ts';
import type { UploadBegun } from '../../../src-core/contract/upload.ts';
import { explainStorageError, ProjectError } from '../../storage/project-error.ts';
import type { JobContext, Jobs } from './jobs.ts';
import { freePlace } from './project-place.ts';
import { folderName, refusePath } from './upload-paths.ts';

/** A page that has sent nothing for so long is gone. */
const SILENCE_MS = 120_000;
const UNDER_WAY = /^\..+\.uploading-(\d+)-\d+$/;

type Files = ParamsOf<'upload.begin'>['files'];

/** A file that cannot be taken; the message is for the page's owner. */
export class UploadError extends Error {
  readonly status: 404 | 409 | 413;

  constructor(status: UploadError['status'], message: string) {
    super(message);
    this.name = 'UploadError';
    this.status = status;
  }
}

/** One folder under way. */
interface Upload {
  readonly folder: string;
  readonly files: Files;
  readonly awaited: Set<number>;
  readonly receiving: Set<Promise<void>>;
  readonly context: JobContext;
  readonly total: number;
  bytes: number;
  readonly silence: NodeJS.Timeout;
  readonly finish: () => void;
  readonly fail: (error: unknown) => void;
}

/** All uploads of a studio. */
export class Uploads {
  private readonly jobs: Jobs;
  private readonly projectsFolder: string;
  private readonly open = new Map<string, Upload>();
  private next = 1;

  constructor(jobs: Jobs, projectsFolder: string) {
    this.jobs = jobs;
    this.projectsFolder = projectsFolder;
  }

  /** Checks the list, makes the folder, and starts the job that ends with the last file. */
  begin({ name, files }: ParamsOf<'upload.begin'>): UploadBegun {
    checkFiles(files);
    const total = files.reduce((sum, { size }) => sum + size, 0);
    const parent = this.projectsFolder;
    const wanted = folderName(name);
    const id = `${process.pid}-${this.next++}`;
    const folder = join(parent, `.${wanted}.uploading-${id}`);
    try {
      mkdirSync(parent, { recursive: true });
      removeAbandoned(parent);
      refuseWithoutRoom(parent, total);
      mkdirSync(folder);
    } catch (error) {
      throw explainStorageError(error, parent);
    }
    const job = this.jobs.start({ kind: 'upload', title: wanted, unit: 'bytes' }, async (context) => {
      try {
        await this.receiveAll(id, { folder, files, total, context });
        const place = freePlace(parent, `${wanted} images`);
        renameSync(folder, place);
        return place;
      } catch (error) {
        throw explainStorageError(error, parent);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
    return { id, job };
  }

  /** Takes the content of one file of the list. Its length has to be the announced one. */
  async receive(id: string, place: number, body: Readable): Promise<void> {
    const upload = this.open.get(id);
    const file = upload?.files[place];
    if (!upload || !file) throw new UploadError(404, 'upload: expected one that is under way, and a file of its list');
    if (!upload.awaited.delete(place)) throw new UploadError(409, `${file.path}: expected once, got it twice`);
    const writing = write(upload, file, body);
    upload.receiving.add(writing);
    try {
      await writing;
    } catch (error) {
      upload.fail(error);
      throw error;
    } finally {
      upload.receiving.delete(writing);
    }
    if (upload.awaited.size === 0 && upload.receiving.size === 0) upload.finish();
  }

  /** Waits until every file has come; throws when one fails, the page falls silent or the job is cancelled. */
  private async receiveAll(id: string, upload: Pick<Upload, 'folder' | 'files' | 'total' | 'context'>): Promise<void> {
    const { signal, progress } = upload.context;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const silence = setTimeout(() => reject(new Error('The page stopped sending; nothing was kept.')), SILENCE_MS);
    const aborted = (): void => reject(signal.reason as Error); // always a DOMException
    signal.addEventListener('abort', aborted);
    const receiving = new Set<Promise<void>>();
    const awaited = new Set(upload.files.keys());
    progress(0, upload.total);
    signal.throwIfAborted();
    this.open.set(id, { ...upload, awaited, receiving, bytes: 0, silence, finish: resolve, fail: reject });
    try {
      await promise;
    } finally {
      this.open.delete(id);
      clearTimeout(silence);
      signal.removeEventListener('abort', aborted);
      // Nothing may still be writing where the folder is removed or renamed.
      await Promise.allSettled(receiving);
    }
  }
}

async function write(upload: Upload, { path, size }: Files[number], body: Readable): Promise<void> {
  const target = join(upload.folder, path);
  let received = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length;
      upload.bytes += chunk.length;
      upload.silence.refresh();
      upload.context.progress(upload.bytes, upload.total, path);
      if (received > size) done(new UploadError(413, `${path}: expected ${size} bytes, got more`));
      else done(null, chunk);
    },
  });
  await mkdir(dirname(target), { recursive: true });
  // Never over a file that is there: on some disks two names of the list are one.
  await pipeline(body, counted, createWriteStream(target, { flags: 'wx' }), { signal: upload.context.signal });
  if (received !== size) throw new UploadError(409, `${path}: expected ${size} bytes, got ${received}`);
}

function checkFiles(files: Files): void {
  const seen = new Set<string>();
  for (const { path } of files) {
    const expected = refusePath(path) ?? (seen.has(path) ? 'each file once' : undefined);
    if (expected !== undefined) throw new Error(`files: expected ${expected}, got "${path}"`);
    seen.add(path);
  }
}

function refuseWithoutRoom(parent: string, needed: number): void {
  const { bavail, bsize } = statfsSync(parent);
  const free = bavail * bsize;
  if (free > needed) return;
  const amounts = `${megabytes(needed)} MB are to be copied, ${megabytes(free)} MB are free`;
  throw new ProjectError('disk-full', `The disk that holds ${parent} is too full: ${amounts}. Nothing was copied.`);
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6);
}

/** Removes what uploads of a process that was killed have left. */
function removeAbandoned(parent: string): void {
  for (const name of readdirSync(parent)) {
    const process = UNDER_WAY.exec(name)?.[1];
    if (process !== undefined && !isRunning(Number(process))) {
      rmSync(join(parent, name), { recursive: true, force: true });
    }
  }
}

function isRunning(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch (error) {
    // Another user's process may not be signalled, but it is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
