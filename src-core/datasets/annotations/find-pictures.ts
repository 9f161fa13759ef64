// Pictures as annotation files name them. A name may lead anywhere; only files of the source are ever taken.
import { indexFileNames, type FileNames } from '../file-names.ts';
import type { FileEntry, ScanEvent } from '../importer.ts';
import { RASTER_NAME } from '../raster-names.ts';

/** Looks pictures up; what is not there is noted. */
export class PictureFinder {
  /** Names that no picture has, or several have. */
  readonly events: ScanEvent[] = [];
  private readonly find: FileNames;
  private readonly taken = new Map<string, string>();

  constructor(listed: readonly FileEntry[], isPicture: (path: string) => boolean = () => true) {
    const paths = listed.map(({ path }) => path).filter((path) => RASTER_NAME.test(path) && isPicture(path));
    this.find = indexFileNames(paths);
  }

  /**
   * The picture of a name, as it stands at a place in an annotation file. The name in one of `folders` is tried first, the name alone
   * last, then `plain`, another way to write it. Undefined where there is none, or where another place has it already.
   */
  at(
    annotations: string,
    field: string,
    name: string,
    folders: readonly string[] = [],
    plain = name,
  ): string | undefined {
    const refuse = (expected: string, found: string): undefined => {
      this.events.push({ kind: 'refused', file: annotations, expected: `${field}: ${expected}`, found });
    };
    const found = [...folders.map((folder) => `${folder}/${name}`), name, plain].map((each) => this.find(each));
    const file = found.find(({ kind }) => kind === 'file');
    if (file?.kind !== 'file') {
      const several = found.some(({ kind }) => kind === 'ambiguous');
      const why = several ? 'several pictures of that name' : 'no such picture';
      return refuse(`a picture of the source, ${JSON.stringify(name)}`, why);
    }
    const first = this.taken.get(file.path);
    if (first !== undefined) return refuse(`each picture once, ${JSON.stringify(name)}`, `it again, after ${first}`);
    this.taken.set(file.path, `${annotations} ${field}`);
    return file.path;
  }
}
