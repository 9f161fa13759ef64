// A report for people and spreadsheets: report.html, which needs nothing else, and the same as CSV, one table a file.
import type { ExportSettings } from '../../../src-core/datasets/formats/export-formats.ts';
import { ITEM_STATES } from '../../../src-core/review/item-state.ts';
import { readAudit, type AuditEntry } from '../../storage/audit-store.ts';
import { auditLines } from '../audit-text.ts';
import type { Project } from '../project.ts';
import type { ExportFormat, ExportPlan, ExportRequest, PlannedFile } from './format.ts';
import { gather } from './json-stream.ts';
import { labelIdsOf } from './label-ids.ts';
import { countMasks, describeCounts, maskFacts, prepareMasks } from './mask-export.ts';
import { programVersion } from './program-version.ts';
import { measureMasks, type ReportMeasures } from './report-measures.ts';
import { reportPage } from './report-page.ts';
import { caseLines, heartLines, imageLines, measureLines, type LastChange } from './report-tables.ts';

/** Measures of every case, provenance and audit. */
export const reportFormat: ExportFormat<'report'> = { name: 'report', plan };

/** Entries of the audit trail on the page. */
const SHOWN_ENTRIES = 500;

// eslint-disable-next-line @typescript-eslint/require-await -- throws must become rejections
async function plan(project: Project, request: ExportRequest, settings: ExportSettings<'report'>): Promise<ExportPlan> {
  const masks = prepareMasks(project, request, labelIdsOf(project, request.labels));
  const counts = countMasks(masks);
  const notes = [...masks.notes, ...describeCounts(counts)];
  let measured: Promise<ReportMeasures> | undefined;
  const measure = (signal?: AbortSignal): Promise<ReportMeasures> =>
    (measured ??= measureMasks(project, masks, signal));
  const table = (path: string, lines: (measures: ReportMeasures) => Iterable<string>): PlannedFile => ({
    path,
    facts: {},
    produce: (signal) => later(measure(signal), lines),
  });
  const changes = settings.audit ? lastChanges(project) : undefined;
  const tables = [
    table('cases.csv', caseLines),
    table('images.csv', (measures) => imageLines(measures, masks.run, changes)),
    table('measures.csv', measureLines),
    table('hearts.csv', heartLines),
    ...(settings.audit ? [table('audit.csv', () => auditLines(project))] : []),
  ];
  const { program, version } = programVersion();
  const page = table('report.html', (measures) =>
    reportPage({
      title: settings.title,
      program: `${program} ${version}`,
      measures,
      notes,
      states: Object.fromEntries(
        ITEM_STATES.map((state) => [state, project.items.filter((item) => item.state === state).length]),
      ),
      run: project.runs().find(({ id }) => id === masks.run),
      audit: settings.audit ? newestEntries(project) : undefined,
      tables: tables.map(({ path }) => path),
    }),
  );
  return { run: masks.run, files: [page, ...tables], facts: maskFacts(masks, counts), notes };
}

async function* later(
  measures: Promise<ReportMeasures>,
  lines: (measures: ReportMeasures) => Iterable<string>,
): AsyncGenerator<Uint8Array> {
  yield* gather(lines(await measures));
}

function lastChanges(project: Project): ReadonlyMap<string, LastChange> {
  const changes = new Map<string, LastChange>();
  for (const { item, annotator, at } of readAudit(project.database))
    if (item !== null) changes.set(item, { annotator, at });
  return changes;
}

function newestEntries(project: Project): { total: number; newest: AuditEntry[] } {
  const newest: AuditEntry[] = [];
  let total = 0;
  for (const entry of readAudit(project.database)) {
    total += 1;
    newest.push(entry);
    if (newest.length > SHOWN_ENTRIES) newest.shift();
  }
  return { total, newest: newest.reverse() };
}
