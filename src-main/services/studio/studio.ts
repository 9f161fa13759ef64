// What one running program holds: the open project, its jobs, the person's settings, and who listens. Every host has one.
import { join } from 'node:path';
import { homedir } from 'node:os';
import {
  DEFAULT_SETTINGS,
  SETTINGS,
  type HostFacts,
  type PrivacyFacts,
  type Settings,
  type SettingsChanges,
} from '../../../src-core/contract/settings.ts';
import type { JobFacts } from '../../../src-core/contract/job.ts';
import type { ProjectFacts } from '../../../src-core/contract/project.ts';
import type { EventName, Events } from '../../../src-core/contract/contract.ts';
import { holdsProject } from '../../storage/database.ts';
import { ProjectError } from '../../storage/project-error.ts';
import { openImageData, type ProjectImages } from '../image-data.ts';
import { nodeWorkerHost } from '../../worker/node-worker-host.ts';
import type { WorkerHost } from '../../worker/port.ts';
import { Project } from '../project.ts';
import { programVersion } from '../export/program-version.ts';
import { Affinities } from './affinities.ts';
import { Engines, ENGINE_TEST } from './engines.ts';
import { blindReader } from '../readers.ts';
import { readingPosition } from '../reading-position.ts';
import { Home } from './home.ts';
import { Jobs } from './jobs.ts';
import { Predictor, PREDICT } from './predictor.ts';
import { projectFacts } from './project-facts.ts';
import { RecentProjects } from './recent-projects.ts';
import { TIMING } from './step-timing.ts';
import { Thumbnails } from './thumbnails.ts';
import { Trainer, TRAIN } from './trainer.ts';
import { Uploads } from './uploads.ts';

const SETTINGS_FILE = 'settings.json';
/** Jobs that do not need the open project, or whose end loses nothing. */
const HARMLESS: ReadonlySet<string> = new Set(['import', ENGINE_TEST, TIMING]);
/** Pixels; a few kilobytes in the list of recent projects. */
const PICTURE_SIDE = 160;

/** What a host tells of itself. */
export interface StudioOptions {
  readonly host: HostFacts['host'];
  /** Folder for settings and the list of recent projects. */
  readonly home: string;
  /** Where new projects are put; a folder in the person's home when absent. */
  readonly projectsFolder?: string;
  /** How the host starts workers; as processes of Node when absent. */
  readonly workers?: WorkerHost;
}

type Listener = <Name extends EventName>(event: Name, data: Events[Name]) => void;

/** The state behind all calls. */
export class Studio {
  readonly jobs: Jobs;
  readonly recent: RecentProjects;
  readonly uploads: Uploads;
  readonly engines: Engines;
  readonly trainer: Trainer;
  readonly predictor: Predictor;
  readonly affinities: Affinities;
  readonly workers: WorkerHost;
  readonly facts: HostFacts;
  /** Set by a host that can see what is stopped. */
  privacy: PrivacyFacts = { blocked: null };
  private readonly home: Home;
  private readonly listeners = new Set<Listener>();
  private opened: Project | undefined;
  private openedImages: ProjectImages | undefined;
  private openedThumbnails: Thumbnails | undefined;

  constructor({ host, home, projectsFolder, workers = nodeWorkerHost }: StudioOptions) {
    this.home = new Home(home);
    this.recent = new RecentProjects(this.home);
    this.jobs = new Jobs((facts) => this.emit('job', facts));
    this.workers = workers;
    this.engines = new Engines({
      ...{ home: this.home, jobs: this.jobs, workers },
      asked: () => this.settings().engine,
      tell: (report) => this.emit('engines', report),
    });
    this.trainer = new Trainer(this);
    this.predictor = new Predictor(this);
    this.affinities = new Affinities(this);
    this.facts = {
      host,
      version: programVersion().version,
      projectsFolder: projectsFolder ?? join(homedir(), 'UniA projects'),
    };
    this.uploads = new Uploads(this.jobs, this.facts.projectsFolder);
  }

  /** The open project; throws where none is. */
  get project(): Project {
    if (!this.opened) throw new ProjectError('not-a-project', 'No project is open.');
    return this.opened;
  }

  /** The second reader at the screen, where that person reads blind and is not to see what others decided. */
  get blindReader(): string | undefined {
    return blindReader(this.project, this.settings().annotator);
  }

  get hasProject(): boolean {
    return this.opened !== undefined;
  }

  /** The images of the open project. One for all screens, so that what is decoded is kept once. */
  get images(): ProjectImages {
    return (this.openedImages ??= openImageData(this.project));
  }

  get thumbnails(): Thumbnails {
    return (this.openedThumbnails ??= new Thumbnails(this.project, this.images));
  }

  /** Opens a project in place of the one that is open, to look at only where it cannot be written to. One that cannot be opened leaves the other open. */
  openProject(directory: string): void {
    const { opened } = this;
    // One that could only be looked at is opened again: it may be written to by now.
    if (opened?.directory === directory && opened.isInPlace && opened.readOnly === null) return;
    const next = Project.openToUse(directory);
    this.refuseWhileBusy(next);
    this.release();
    this.opened = next;
    const facts = this.factsOf(next);
    this.recent.note(next, facts);
    this.emit('project', facts);
    void this.notePicture(next, facts);
  }

  /** Opens a project again that is looked at only, where somebody else has written to it since; closes it where that fails. */
  catchUp(): void {
    const { opened } = this;
    if (!opened?.isOutdated || this.busyJob()) return;
    try {
      this.openProject(opened.directory);
    } catch (error) {
      this.release();
      this.emit('project', null);
      throw error;
    }
  }

  /** Closes the open project, if any. */
  closeProject(): void {
    if (!this.opened) return;
    this.refuseWhileBusy();
    // Of a folder that has gone, the list keeps what it knew.
    if (holdsProject(this.opened.directory)) this.recent.note(this.opened, this.factsOf(this.opened));
    this.release();
    this.emit('project', null);
  }

  /** What every screen shows of the open project; null where none is. */
  projectFacts(): ProjectFacts | null {
    return this.opened ? this.factsOf(this.opened) : null;
  }

  /** Tells screens that counts, states or classes of the project have changed. */
  projectChanged(): void {
    if (this.opened) this.emit('project', this.projectFacts());
  }

  settings(): Settings {
    return { ...DEFAULT_SETTINGS, ...this.home.read(SETTINGS_FILE, SETTINGS.partial(), {}) } as Settings; // no field is undefined: JSON has none
  }

  changeSettings(changes: SettingsChanges): Settings {
    const settings = { ...this.settings(), ...changes } as Settings; // as above
    this.home.write(SETTINGS_FILE, settings);
    this.emit('settings', settings);
    // Another person at the screen may see more, or less.
    if (changes.annotator !== undefined) this.projectChanged();
    if (changes.engine !== undefined) this.emit('engines', this.engines.report());
    return settings;
  }

  /** Hears everything the services tell; gives a function that ends it. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  emit<Name extends EventName>(event: Name, data: Events[Name]): void {
    if (event === 'runs') this.affinities.forget();
    for (const listener of this.listeners) listener(event, data);
  }

  /** Ends jobs and closes the project. */
  async close(): Promise<void> {
    await this.jobs.close();
    this.closeProject();
  }

  /**
   * Puts a small picture of where the person was last beside the project in the list. Without one where its image cannot be read:
   * screens tell why.
   */
  private async notePicture(project: Project, { directory, cover }: ProjectFacts): Promise<void> {
    const item = readingPosition(project, this.settings().annotator)?.item ?? cover;
    if (item === null) return;
    const picture = await this.thumbnails.read(item, PICTURE_SIDE).catch(() => undefined);
    if (picture) this.recent.setPicture(directory, `data:image/webp;base64,${Buffer.from(picture).toString('base64')}`);
  }

  private factsOf(project: Project): ProjectFacts {
    return projectFacts(project, this.settings().annotator);
  }

  private release(): void {
    this.affinities.forget();
    this.openedThumbnails?.close();
    this.opened?.close();
    this.opened = this.openedImages = this.openedThumbnails = undefined;
  }

  /** Ends what only fills the time; throws where a training or a prediction is under way, since one takes the whole machine. */
  async makeRoom(): Promise<void> {
    const busy = this.jobs.running(TRAIN) ?? this.jobs.running(PREDICT);
    if (busy) throw new ProjectError('in-use', `${busy.title} is still running; stop it first.`);
    await this.jobs.end(TIMING);
  }

  private busyJob(): JobFacts | undefined {
    return this.jobs.list().find(({ state, kind }) => state === 'running' && !HARMLESS.has(kind));
  }

  private refuseWhileBusy(next?: Project): void {
    const timing = this.jobs.running(TIMING);
    if (timing) this.jobs.cancel(timing.id);
    const busy = this.busyJob();
    if (!busy || !this.opened) return;
    next?.close();
    throw new ProjectError('in-use', `${busy.title} is still running; stop it before the project is closed.`);
  }
}
