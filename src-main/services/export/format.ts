// The one interface of all export formats: say which files there will be, then make each when it is asked for. Formats
// write nothing themselves, so that a dry run, a stopped export and the manifest work alike for all of them.
import type { ExportFormatName, ExportSettings } from '../../../src-core/datasets/formats/export-formats.ts';
import type { EvaluationSource } from '../evaluate.ts';
import type { Project, ProjectItem } from '../project.ts';

/** Which masks are exported: reviewed ones where there are any and else the run's best, or one kind only. */
export type MaskSource = 'best' | Exclude<EvaluationSource, 'disc'>;

/** Which pixels become 255, ignore: those of images that nobody reviewed, or of these only where the run is unsure. */
export type IgnoredPixels = 'none' | 'unreviewed' | 'uncertain';

/** What a person may ask of an export, whatever the format. */
export interface ExportRequest {
  /** The newest run that the format can use when absent. */
  readonly run?: string;
  /** `best` when absent. */
  readonly source?: MaskSource;
  /** Items in other states are left out. */
  readonly states?: readonly ProjectItem['state'][];
  /** All when absent. */
  readonly split?: ProjectItem['split'];
  /** Exported id of each class by name; 0 leaves a class out. Taken from the source's masks when absent. */
  readonly labels?: Readonly<Record<string, number>>;
  /** Only what the masks themselves leave open when absent. */
  readonly ignore?: IgnoredPixels;
  /** Uncertainty, 0..1, above which a pixel that nobody reviewed is uncertain; 0.5 when absent. */
  readonly uncertainAbove?: number;
}

/** A file to be written. */
export interface PlannedFile {
  /** Relative to the export's folder, with forward slashes. */
  readonly path: string;
  /** What the manifest says of the file; equal projects give equal facts. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** All bytes, or parts one after the other where the file grows with the number of items. */
  readonly produce: (signal?: AbortSignal) => Promise<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** Files on disk, before they move to their place. */
export interface WrittenFiles {
  /** Relative to the export's folder, with forward slashes. */
  readonly paths: string[];
  readonly read: (path: string) => Promise<Buffer>;
}

/** One thing that was looked at, and how it stands. */
export interface ExportCheck {
  readonly level: 'good' | 'warning' | 'error';
  readonly text: string;
}

/** What was asked for cannot be written in this format. A dry run says so as a check that stops the export. */
export class UnfitError extends Error {
  override readonly name = 'UnfitError';
}

/** All that a format will write. */
export interface ExportPlan {
  /** Run that the content comes from; null where none was needed. */
  readonly run: string | null;
  readonly files: readonly PlannedFile[];
  /** What the manifest says of the whole, such as the meaning of label ids. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** What a person should know, in sentences. */
  readonly notes: readonly string[];
  /** What the format cannot hold of this project, counted, in sentences. */
  readonly losses?: readonly string[];
  /** What can be checked before anything is written; an error stops the export. */
  readonly checks?: readonly ExportCheck[];
  /** Checks the written files before they move to their place; an error leaves nothing behind. */
  verify?(written: WrittenFiles): Promise<readonly ExportCheck[]>;
}

/** An output format. */
export interface ExportFormat<Name extends ExportFormatName> {
  readonly name: Name;
  /** Looks at the project and lists the files. Throws an `UnfitError` where there is nothing that it can hold. */
  plan(project: Project, request: ExportRequest, settings: ExportSettings<Name>): Promise<ExportPlan>;
}
