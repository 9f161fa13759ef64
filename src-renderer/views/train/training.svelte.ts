// What the Train screen knows: runs, the one that is shown with all that it has told, and what is under way.
import type {
  LiveTraining,
  LogEntry,
  Look,
  RecipeFacts,
  RunChanges,
  RunFacts,
  RunHistory,
  StepPoint,
  TrainingMaterial,
  TrainingNews,
} from '../../../src-core/contract/train.ts';
import type { JobFacts } from '../../../src-core/contract/job.ts';
import type { AppState } from '../../state/app.svelte.ts';

/** A run with all that it has told. */
export interface ShownRun {
  readonly id: string;
  readonly stages: RunHistory['stages'];
  readonly total: number;
  readonly lookEvery: number;
  readonly points: readonly StepPoint[];
  readonly looks: readonly Look[];
  readonly log: readonly LogEntry[];
  /** Why what it has told could not be read; empty where it could. */
  readonly problem: string;
}

export class Training {
  private readonly app: AppState;
  /** Null until the services have answered. */
  material = $state.raw<TrainingMaterial | null>(null);
  recipes = $state.raw<readonly RecipeFacts[]>([]);
  runs = $state.raw<readonly RunFacts[]>([]);
  live = $state.raw<LiveTraining | null>(null);
  shown = $state.raw<ShownRun | null>(null);
  /** A run that lies under the shown one's charts. */
  beside = $state.raw<ShownRun | null>(null);
  changes = $state.raw<RunChanges | null>(null);
  /** Why the screen could not be filled; empty where it could. */
  problem = $state('');
  readonly run = $derived(this.runs.find(({ id }) => id === this.shown?.id) ?? null);
  readonly inUse = $derived(this.runs.find(({ inUse }) => inUse) ?? null);
  readonly predicting = $derived(this.running('predict'));
  readonly timing = $derived(this.running('timing'));
  readonly testing = $derived(this.running('engine-test'));
  readonly ready = $derived(this.material !== null);
  /** Answers of earlier questions are not for the run shown now. */
  private asked = '';

  constructor(app: AppState) {
    this.app = app;
  }

  /** Hears the services until the returned function is called. */
  listen(): () => void {
    const { api } = this.app;
    const stops = [
      api.on('training', (news) => this.take(news)),
      api.on('runs', () => void this.refreshRuns()),
      api.on('project', () => void this.refreshMaterial()),
      api.on('engines', () => void this.refreshRecipes()),
    ];
    return () => stops.forEach((stop) => stop());
  }

  /** Asks for everything; a failure is kept in words. */
  async refresh(): Promise<void> {
    try {
      const { api } = this.app;
      const [material, recipes, runs, live] = await Promise.all([
        api.call('train.material', {}),
        api.call('train.recipes', {}),
        api.call('train.runs', {}),
        api.call('train.live', {}),
      ]);
      Object.assign(this, { recipes, runs, live, problem: '' });
      const first = live?.run ?? this.shown?.id ?? runs[0]?.id;
      if (first !== undefined) await this.show(first);
      // Last, since the screen is shown with it.
      this.material = material;
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }

  /** Shows a run with all that it has told so far. */
  async show(id: string): Promise<void> {
    this.asked = id;
    const history = await this.historyOf(id);
    const changes = await this.app.api.call('train.changes', { run: id });
    if (this.asked !== id) return;
    this.shown = history;
    this.changes = changes;
    if (this.beside?.id === id) this.beside = null;
  }

  /** Lays a run under the charts of the shown one; null takes it away. */
  async compareWith(id: string | null): Promise<void> {
    this.beside = id === null ? null : await this.historyOf(id);
  }

  async refreshRecipes(): Promise<void> {
    this.recipes = await this.app.api.call('train.recipes', {});
  }

  private async refreshRuns(): Promise<void> {
    this.runs = await this.app.api.call('train.runs', {});
    const isThere = (id: string | undefined): boolean => this.runs.some((run) => run.id === id);
    if (this.beside && !isThere(this.beside.id)) this.beside = null;
    if (this.shown && !isThere(this.shown.id)) this.shown = null;
    if (!this.shown && this.runs[0]) await this.show(this.runs[0].id);
    else if (this.shown?.id === this.inUse?.id && this.inUse) {
      this.changes = await this.app.api.call('train.changes', { run: this.inUse.id });
    }
  }

  private async refreshMaterial(): Promise<void> {
    if (this.app.project) this.material = await this.app.api.call('train.material', {});
  }

  private take({ live, points, looks, log }: TrainingNews): void {
    const before = this.live;
    this.live = live;
    if (!live?.run) return;
    if (this.shown?.id !== live.run) {
      // A training that has just begun is what the person wants to see; one looked at meanwhile stays.
      if (before?.run !== live.run) void this.show(live.run);
      return;
    }
    const { shown } = this;
    const last = shown.points.at(-1)?.done ?? 0;
    const lastLook = shown.looks.at(-1)?.done ?? 0;
    this.shown = {
      ...shown,
      points: [...shown.points, ...points.filter(({ done }) => done > last)],
      looks: [...shown.looks, ...looks.filter(({ done }) => done > lastLook)],
      log: [...shown.log, ...log],
    };
  }

  private running(kind: string): JobFacts | null {
    return this.app.running.find((job) => job.kind === kind) ?? null;
  }

  private async historyOf(id: string): Promise<ShownRun> {
    try {
      const { run, ...history } = await this.app.api.call('train.history', { run: id });
      return { id: run, ...history, problem: '' };
    } catch (error) {
      // One run that cannot be read takes nothing of the others away.
      const nothing = { stages: [], total: 0, lookEvery: 0, points: [], looks: [], log: [] };
      return { id, ...nothing, problem: error instanceof Error ? error.message : String(error) };
    }
  }
}
