// The affinity of items by the run in use, for affinity grow: read by a worker that stays while it is needed.
import type { ItemAffinity } from '../../../src-core/review/token-walk.ts';
import { ProjectError } from '../../storage/project-error.ts';
import { runTask, TaskError } from '../../worker/run-task.ts';
import type { AffinityNews } from '../../worker/tasks.ts';
import { ByteCache } from '../byte-cache.ts';
import { runInUse } from '../run-in-use.ts';
import type { Studio } from './studio.ts';

/** Bytes of affinities that are kept: some hundred items. */
const KEPT_BYTES = 64 * 2 ** 20;
/** A worker that is asked nothing for so long gives its memory back. */
const IDLE_MS = 120_000;
/** One image at a time is soon encoded, and a graphics card may be busy with a training. */
const ENGINE = 'onnxruntime:cpu';

type Pending = PromiseWithResolvers<ItemAffinity>;

/** A worker with the weights of one run. */
interface Session {
  readonly run: string;
  readonly pending: Map<string, Pending>;
  readonly controller: AbortController;
  ask: (question: { readonly item: string }) => void;
  idle: NodeJS.Timeout | undefined;
}

/** The affinities of one open project. */
export class Affinities {
  private readonly studio: Studio;
  private kept = newCache();
  private session: Session | undefined;

  constructor(studio: Studio) {
    this.studio = studio;
  }

  /** Of the run in use; throws where there is none. */
  read(item: string): Promise<ItemAffinity> {
    const { project } = this.studio;
    // It serves to draw with.
    project.checkWritable();
    const run = runInUse(project);
    if (run === undefined) {
      throw new ProjectError('no-run', 'No run is in use: train one first, then its affinity can spread strokes.');
    }
    project.place(item); // throws where there is no such item
    return this.kept.get(`${run} ${item}`, () => this.ask(this.sessionOf(run), item));
  }

  /** Runs have changed, or the project is closed: nothing that was read holds any more. */
  forget(): void {
    this.kept = newCache();
    this.end();
  }

  private ask(session: Session, item: string): Promise<ItemAffinity> {
    const answer: Pending = Promise.withResolvers();
    session.pending.set(item, answer);
    clearTimeout(session.idle);
    session.ask({ item });
    return answer.promise;
  }

  private sessionOf(run: string): Session {
    if (this.session?.run === run) return this.session;
    this.end();
    const { workers, project } = this.studio;
    const session: Session = {
      ...{ run, pending: new Map(), controller: new AbortController(), idle: undefined },
      ask: () => undefined,
    };
    const { signal } = session.controller;
    const { directory } = project;
    runTask(
      workers,
      'affinity',
      { directory, engine: ENGINE, run },
      {
        ...{ signal, onAbort: 'kill' },
        onStart: (_, ask) => (session.ask = ask),
        onNews: (news) => this.heard(session, news),
      },
    ).then(
      () => this.over(session, new DOMException('The worker was told to stop.', 'AbortError')),
      (error: unknown) => this.over(session, error),
    );
    return (this.session = session);
  }

  private heard(session: Session, news: AffinityNews): void {
    const answer = session.pending.get(news.item);
    session.pending.delete(news.item);
    if (news.kind === 'read') answer?.resolve(news.affinity);
    else answer?.reject(new TaskError(news.failure));
    if (session.pending.size === 0) session.idle = setTimeout(() => this.end(), IDLE_MS).unref();
  }

  /** The worker has gone: whoever still waits is told why, and the next who asks gets another. */
  private over(session: Session, error: unknown): void {
    clearTimeout(session.idle);
    if (this.session === session) this.session = undefined;
    for (const { reject } of session.pending.values()) reject(error);
    session.pending.clear();
  }

  private end(): void {
    this.session?.controller.abort();
    this.session = undefined;
  }
}

function newCache(): ByteCache<ItemAffinity> {
  return new ByteCache(KEPT_BYTES, ({ near }) => near.byteLength);
}
