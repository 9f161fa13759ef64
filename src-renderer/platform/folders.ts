// Folders of the person's computer: the system's chooser, what was dropped on the window, and files on their way to
// services that cannot see them.

/** A file below a folder that the page was handed; `path` is relative to the folder. */
export interface LocalFile {
  readonly path: string;
  readonly file: File;
}

/** What was dropped: the app is told a path, a browser only the files. */
export type Dropped =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'files'; readonly name: string; readonly files: readonly LocalFile[] };

/** Files sent at once; more would not be faster on one connection. */
const AT_ONCE = 3;

/** The system's own folder chooser; undefined in a browser, whose chooser tells no path. */
export function systemFolderChooser(): ((title: string) => Promise<string | null>) | undefined {
  const bridge = window.unia;
  return bridge && ((title) => bridge.chooseFolder(title));
}

/** Shows a folder in the system's file manager; undefined in a browser, which has no such door. */
export const revealFolder: ((path: string) => Promise<void>) | undefined =
  window.unia && ((path) => window.unia!.revealFolder(path));

/** Path of a file that was dropped or chosen; undefined in a browser, which tells none. */
export function pathOfFile(file: File): string | undefined {
  return window.unia?.pathOf(file);
}

/** Whether a drag carries files. */
export function carriesFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes('Files') ?? false;
}

/** What was dropped. Has to be called while the event is handled: the browser empties it after that. */
export async function readDrop(transfer: DataTransfer): Promise<Dropped | undefined> {
  const [first] = transfer.files;
  if (!first) return undefined;
  if (window.unia) return { kind: 'path', path: window.unia.pathOf(first) };
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const [only] = entries;
  const folder = entries.length === 1 && only?.isDirectory ? only : undefined;
  const files: LocalFile[] = [];
  for (const entry of folder ? await childrenOf(folder as FileSystemDirectoryEntry) : entries) {
    await collect(entry, '', files);
  }
  return { kind: 'files', name: folder?.name ?? '', files };
}

/** Files of `<input type="file" webkitdirectory>`. */
export function chosenFiles(list: FileList): Dropped | undefined {
  const paths = Array.from(list, (file) => ({ file, parts: file.webkitRelativePath.split('/') }));
  const name = paths[0]?.parts[0];
  if (name === undefined) return undefined;
  const files = paths
    .filter(({ parts }) => !parts.some(isHidden))
    .map(({ file, parts }) => ({ file, path: parts.slice(1).join('/') }));
  return { kind: 'files', name, files };
}

/** Sends files to an upload that the services have begun. Throws at the first that cannot be read or is refused. */
export async function sendFiles(id: string, files: readonly LocalFile[], signal: AbortSignal): Promise<void> {
  let next = 0;
  const sendSome = async (): Promise<void> => {
    while (next < files.length) {
      const place = next++;
      const { path, file } = files[place]!;
      const answer = await fetch(`/upload/${id}/${place}`, { method: 'PUT', body: file, signal }).catch(
        (cause: unknown) => {
          throw new Error(`${path} could not be read, or the connection was lost.`, { cause });
        },
      );
      if (!answer.ok) throw new Error(await answer.text());
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sendSome));
}

function isHidden(name: string): boolean {
  return name.startsWith('.');
}

async function collect(entry: FileSystemEntry, above: string, files: LocalFile[]): Promise<void> {
  if (isHidden(entry.name)) return;
  const path = above === '' ? entry.name : `${above}/${entry.name}`;
  if (entry.isDirectory) {
    for (const child of await childrenOf(entry as FileSystemDirectoryEntry)) await collect(child, path, files);
    return;
  }
  const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
  files.push({ path, file });
}

/** A reader gives a hundred entries at a time, and none when it is through. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return children;
    children.push(...some);
  }
}
