import type { AreaOf, Handlers } from '../../../src-core/contract/contract.ts';
import { RUN_SOURCES, type RESULTS_CALLS, type ResultsFacts } from '../../../src-core/contract/results.ts';
import { cardiacLabels } from '../../../src-core/measure/cardiac-report.ts';
import { evaluateProject } from '../evaluate.ts';
import { heartsOf } from '../hearts.ts';
import { findPredictedRun, storedMaps } from '../predicted-run.ts';
import type { Project } from '../project.ts';
import { readerNumber } from '../readers.ts';
import { runInUse } from '../run-in-use.ts';
import type { Studio } from './studio.ts';

export function resultsHandlers(studio: Studio): Handlers<AreaOf<typeof RESULTS_CALLS>> {
  /** Whose reviewed masks are measured. */
  const reader = (): number => readerNumber(studio.project, studio.blindReader);
  return {
    'results.facts': () => resultsFacts(studio.project, reader()),
    'results.evaluate': ({ sources, split, largestComponent }) => {
      const { project } = studio;
      const run = runInUse(project);
      const whose = reader();
      return studio.jobs.start({ kind: 'evaluate', title: '', unit: 'volumes' }, ({ signal, progress }) => {
        const request = { source: sources, split, largestComponent, reader: whose, ...(run !== undefined && { run }) };
        return evaluateProject(project, request, progress, signal);
      });
    },
    'results.hearts': () => {
      const { project } = studio;
      const masks = { run: runInUse(project), reader: reader() };
      return studio.jobs.start({ kind: 'evaluate', title: '', unit: 'volumes' }, ({ signal, progress }) =>
        heartsOf(project, masks, progress, signal),
      );
    },
  };
}

function resultsFacts(project: Project, reader: number): ResultsFacts {
  const run = findPredictedRun(project, runInUse(project));
  const stored = run ? storedMaps(project, run).labels : [];
  const reviewed = Number(
    project.database
      .prepare(`SELECT count(*) AS n FROM readings WHERE reader = ? AND state IN ('accepted', 'corrected')`)
      .get(reader)?.['n'],
  );
  const withTruth = { train: 0, validation: 0, test: 0 };
  for (const { truth, split, slices } of project.volumes) if (truth) withTruth[split] += slices;
  const { lv, rv, myocardium } = cardiacLabels(project.classes);
  return {
    sources: [
      ...RUN_SOURCES.filter((source) => stored.includes(source)),
      ...(reviewed > 0 ? (['reviewed'] as const) : []),
      'disc',
    ],
    withTruth,
    run: run?.id ?? null,
    isCardiac: lv !== undefined || rv !== undefined || myocardium !== undefined,
  };
}
