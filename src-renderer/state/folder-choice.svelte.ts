// Asking the person for a folder: the system's chooser where there is one, else a dialog of our own.
import { createContext } from 'svelte';
import { systemFolderChooser } from '../platform/folders.ts';

/** A question for a folder that the dialog shows. */
export interface FolderRequest {
  readonly title: string;
  /** `project`: only a folder that holds one will do. */
  readonly want: 'project' | 'folder';
  /** Folder to begin at; the person's own when absent. */
  readonly start?: string;
  readonly answer: (directory: string | null) => void;
}

export class FolderChoice {
  request = $state.raw<FolderRequest | null>(null);

  /** A folder of the machine that the services run on; null where the person cancelled. */
  choose(title: string, want: FolderRequest['want'] = 'folder', start?: string): Promise<string | null> {
    const chooser = systemFolderChooser();
    if (chooser) return chooser(title);
    this.request?.answer(null);
    return new Promise((resolve) => {
      const answer = (directory: string | null): void => {
        this.request = null;
        resolve(directory);
      };
      this.request = { title, want, answer, ...(start !== undefined && { start }) };
    });
  }
}

export const [useFolderChoice, provideFolderChoice] = createContext<FolderChoice>();
