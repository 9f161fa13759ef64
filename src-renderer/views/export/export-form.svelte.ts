// What the person asks of an export, and what the services say of it.
import type { ExportOutcome, ExportQuestion } from '../../../src-core/contract/export.ts';
import { EXPORT_FORMATS, type ExportFormatName } from '../../../src-core/datasets/formats/export-formats.ts';
import type { ExportOption, SettingValue } from '../../../src-core/datasets/formats/export-options.ts';
import type { ItemState } from '../../../src-core/review/item-state.ts';
import type { AppState } from '../../state/app.svelte.ts';

type Request = Omit<ExportQuestion, 'format' | 'directory' | 'settings' | 'overwrite' | 'labels'>;

/** The form of the Export screen. */
export class ExportForm {
  private readonly app: AppState;
  format = $state<ExportFormatName>('nifti');
  request = $state<Request>({
    source: 'best',
    states: ['pending', 'accepted', 'corrected'],
    split: 'all',
    ignore: 'none',
    uncertainAbove: 0.5,
  });
  /** Ids typed by the person; undefined takes those of the source's masks. */
  labels = $state<Record<string, number>>();
  settings = $state<Record<string, SettingValue>>({});
  directory = $state('');
  overwrite = $state(false);
  jobId = $state<string>();
  preview = $state.raw<ExportOutcome>();
  outcome = $state.raw<ExportOutcome>();
  /** Why the last look or export failed; stays until the next one. */
  problem = $state('');
  readonly facts = $derived(EXPORT_FORMATS[this.format]);
  readonly options = $derived(Object.entries<ExportOption>(this.facts.options));
  readonly job = $derived.by(() => this.app.job(this.jobId));
  readonly running = $derived(this.job?.state === 'running');

  constructor(app: AppState) {
    this.app = app;
    this.directory = this.suggestion();
  }

  choose(format: ExportFormatName): void {
    const suggested = this.directory === this.suggestion();
    this.format = format;
    this.settings = {};
    this.forget();
    if (suggested) this.directory = this.suggestion();
  }

  settingOf(name: string, option: ExportOption): SettingValue {
    return this.settings[name] ?? option.default;
  }

  setSetting(name: string, value: SettingValue): void {
    this.settings = { ...this.settings, [name]: value };
    this.forget();
  }

  toggleState(state: ItemState): void {
    const { states } = this.request;
    this.request.states = states.includes(state) ? states.filter((each) => each !== state) : [...states, state];
    this.forget();
  }

  /** Puts the export's own folder into another one. */
  placeIn(parent: string): void {
    this.directory = `${parent.replace(/[\\/]$/, '')}/${this.app.project?.name ?? ''}-${this.format}`;
    this.forget();
  }

  /** What was looked at no longer holds. */
  forget(): void {
    this.preview = undefined;
    this.outcome = undefined;
    this.problem = '';
  }

  /** Says what would be written. */
  async look(): Promise<void> {
    this.preview = await this.run('export.preview');
  }

  async write(): Promise<void> {
    const outcome = await this.run('export.write');
    if (outcome) this.outcome = outcome;
  }

  async cancel(): Promise<void> {
    if (this.jobId) await this.app.api.call('job.cancel', { id: this.jobId });
  }

  private suggestion(): string {
    const { project, host } = this.app;
    // Beside a project that is read-only nothing can be written either, as a rule.
    const place = project?.readOnly && host ? `${host.projectsFolder}/${project.name}` : (project?.directory ?? '');
    return `${place}-${this.format}`;
  }

  private async run(call: 'export.preview' | 'export.write'): Promise<ExportOutcome | undefined> {
    this.problem = '';
    this.outcome = undefined;
    try {
      const { labels, settings, format, directory, overwrite } = this;
      const question = {
        ...$state.snapshot(this.request),
        settings: $state.snapshot(settings),
        format,
        directory,
        overwrite,
      };
      const { id } = await this.app.api.call(
        call,
        labels ? { ...question, labels: $state.snapshot(labels) } : question,
      );
      this.jobId = id;
      return (await this.app.api.call('job.result', { id })) as ExportOutcome; // what these jobs give
    } catch (error) {
      if (this.job?.state !== 'cancelled') this.problem = error instanceof Error ? error.message : String(error);
      return undefined;
    }
  }
}
