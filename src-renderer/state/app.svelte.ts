// What every screen knows: the open project, the person's settings, the jobs, the connection.
import { createContext } from 'svelte';
import type { EngineReport } from '../../src-core/contract/engine.ts';
import type { JobFacts } from '../../src-core/contract/job.ts';
import type { ProjectFacts } from '../../src-core/contract/project.ts';
import {
  DEFAULT_SETTINGS,
  type HostFacts,
  type Settings,
  type SettingsChanges,
} from '../../src-core/contract/settings.ts';
import { connect, type Api, type ConnectionState } from '../platform/api.ts';

/** Shared state; it changes only by what the services tell. */
export class AppState {
  readonly api: Api;
  connection = $state<ConnectionState>('connecting');
  /** Whether the services have told what there is. */
  ready = $state(false);
  project = $state.raw<ProjectFacts | null>(null);
  settings = $state.raw<Settings>(DEFAULT_SETTINGS);
  host = $state.raw<HostFacts | null>(null);
  jobs = $state.raw<readonly JobFacts[]>([]);
  engines = $state.raw<EngineReport | null>(null);
  /** Jobs that are under way, newest first. */
  readonly running = $derived(this.jobs.filter(({ state }) => state === 'running').toReversed());

  constructor() {
    this.api = connect((state) => {
      const back = state === 'open' && this.connection === 'lost';
      this.connection = state;
      if (back) void this.refresh();
    });
    this.api.on('project', (project) => (this.project = project));
    this.api.on('settings', (settings) => (this.settings = settings));
    this.api.on('engines', (engines) => (this.engines = engines));
    this.api.on('job', (job) => {
      const others = this.jobs.filter(({ id }) => id !== job.id);
      const at = this.jobs.findIndex(({ id }) => id === job.id);
      this.jobs = at < 0 ? [...others, job] : this.jobs.with(at, job);
    });
  }

  /** Asks for everything again; at the start and after a lost connection. */
  async refresh(): Promise<void> {
    const [host, settings, project, jobs, engines] = await Promise.all([
      this.api.call('host.facts', {}),
      this.api.call('settings.read', {}),
      this.api.call('project.facts', {}),
      this.api.call('job.list', {}),
      this.api.call('engine.report', {}),
    ]);
    this.host = host;
    this.settings = settings;
    this.project = project;
    this.jobs = jobs;
    this.engines = engines;
    this.ready = true;
  }

  /** Changes settings; the services tell the new ones to every page. */
  async changeSettings(changes: SettingsChanges): Promise<void> {
    this.settings = await this.api.call('settings.write', changes);
  }

  job(id: string | undefined): JobFacts | undefined {
    return this.jobs.find((job) => job.id === id);
  }
}

export const [useApp, provideApp] = createContext<AppState>();
