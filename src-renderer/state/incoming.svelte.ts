// A folder on its way in: from a path it is opened or imported at once, from a browser its files are sent first.
import { createContext } from 'svelte';
import { t } from '../i18n/index.svelte.ts';
import { sendFiles, type Dropped } from '../platform/folders.ts';
import type { AppState } from './app.svelte.ts';
import type { Navigation } from './navigation.svelte.ts';
import type { Notices } from './notices.svelte.ts';

export class Incoming {
  private readonly app: AppState;
  private readonly navigation: Navigation;
  private readonly notices: Notices;
  /** Jobs of uploads that this page feeds. */
  private readonly fed = new Map<string, AbortController>();

  constructor(app: AppState, navigation: Navigation, notices: Notices) {
    this.app = app;
    this.navigation = navigation;
    this.notices = notices;
    app.api.on('job', ({ id, state }) => {
      if (state !== 'running') this.fed.get(id)?.abort();
    });
  }

  /** Whether this page still sends the files of an upload; a reload ends that. */
  feeds(job: string): boolean {
    return this.fed.has(job);
  }

  async take(dropped: Dropped): Promise<void> {
    await this.notices.attempt(() =>
      dropped.kind === 'path' ? this.takePath(dropped.path) : this.takeFiles(dropped.name, dropped.files),
    );
  }

  /** Opens a folder that holds a project, imports any other. */
  async takePath(path: string): Promise<void> {
    const { api } = this.app;
    const { holdsProject } = await api.call('host.folder', { directory: path });
    if (!holdsProject) return this.navigation.go('import', { source: path });
    await api.call('project.open', { directory: path });
    this.navigation.go('images');
  }

  private async takeFiles(name: string, files: Extract<Dropped, { kind: 'files' }>['files']): Promise<void> {
    const { api } = this.app;
    if (files.length === 0) throw new Error(t('folders:empty', { name }));
    if (files.some(({ path }) => path === 'project.db')) throw new Error(t('folders:droppedProject', { name }));
    const { id, job } = await api.call('upload.begin', {
      name: name || t('folders:looseImages'),
      files: files.map(({ path, file }) => ({ path, size: file.size })),
    });
    const controller = new AbortController();
    this.fed.set(job.id, controller);
    this.navigation.go('import', { upload: job.id });
    try {
      await sendFiles(id, files, controller.signal);
    } catch (error) {
      // The upload has ended on the other side, which tells why by its job.
      if (controller.signal.aborted) return;
      await api.call('job.cancel', { id: job.id });
      throw error;
    } finally {
      this.fed.delete(job.id);
    }
  }
}

export const [useIncoming, provideIncoming] = createContext<Incoming>();
