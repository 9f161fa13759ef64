import type { AreaOf, Handlers } from '../../../src-core/contract/contract.ts';
import type { EXPORT_CALLS, ExportOutcome, ExportQuestion } from '../../../src-core/contract/export.ts';
import { EXPORT_FORMATS } from '../../../src-core/datasets/formats/export-formats.ts';
import { exportProject } from '../export/export.ts';
import type { Project } from '../project.ts';
import { runInUse } from '../run-in-use.ts';
import type { JobContext } from './jobs.ts';
import type { Studio } from './studio.ts';

export function exportHandlers(studio: Studio): Handlers<AreaOf<typeof EXPORT_CALLS>> {
  const start = (question: ExportQuestion, dryRun: boolean) => {
    const { project } = studio;
    const { title } = EXPORT_FORMATS[question.format];
    return studio.jobs.start({ kind: dryRun ? 'preview' : 'export', title, unit: 'files' }, (context) =>
      runExport(project, question, dryRun, context),
    );
  };
  return {
    'export.preview': (question) => start(question, true),
    'export.write': (question) => start(question, false),
  };
}

function runExport(
  project: Project,
  { split, labels, ...question }: ExportQuestion,
  dryRun: boolean,
  { progress, signal }: JobContext,
): Promise<ExportOutcome> {
  const run = runInUse(project);
  const options = {
    ...question,
    dryRun,
    ...(split !== 'all' && { split }),
    ...(labels && { labels }),
    ...(run !== undefined && { run }),
  };
  return exportProject(project, options, progress, signal);
}
