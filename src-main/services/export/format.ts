// The one interface of all export formats: say which files there will be, then make each when it is asked for. Formats
// write nothing themselves, so that a dry run, a stopped export and the manifest work alike for all of them.
import type { EvaluationSource } from '../evaluate.ts';
import type { Project, ProjectItem } from '../project.ts';

/** Which masks are exported: reviewed ones where there are any and else the run's best, or one kind only. */
export type MaskSource = 'best' | Exclude<EvaluationSource, 'disc'>;

/** What a person may ask of an export. */
export interface ExportRequest {
  /** The newest run that the format can use when absent. */
  readonly run?: string;
  /** `best` when absent. */
  readonly source?: MaskSource;
  /** Items in other states are left out. */
  readonly states?: readonly ProjectItem['state'][];
  /** All when absent. */
  readonly split?: ProjectItem['split'];
  /** Uncertainty maps beside the masks. */
  readonly uncertainty?: boolean;
  /** Images that an exported network takes at once; 1 when absent. */
  readonly batch?: number;
}

/** A file to be written. */
export interface PlannedFile {
  /** Relative to the export's folder, with forward slashes. */
  readonly path: string;
  /** What the manifest says of the file; equal projects give equal facts. */
  readonly facts: Readonly<Record<string, unknown>>;
  readonly produce: () => Promise<Uint8Array>;
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
}

/** An output format. */
export interface ExportFormat {
  readonly name: string;
  /** Looks at the project and lists the files. Throws where there is nothing to export. */
  plan(project: Project, request: ExportRequest): Promise<ExportPlan>;
}
