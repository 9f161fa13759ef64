// The runs of the open project as screens see them.
import type { LogEntry, Look, RunFacts, RunHistory, RunState, StepPoint } from '../../../src-core/contract/train.ts';
import { hasLearnedTags, hasSegmentation } from '../../../src-core/training/checkpoint.ts';
import { trainingConfigSchema, type TrainingConfig } from '../../../src-core/training/config.ts';
import { iterationsBefore, iterationsOf, stagesOf } from '../../../src-core/training/stages.ts';
import { isImported } from '../imported-masks.ts';
import type { Project, RunRecord } from '../project.ts';
import { readLog, type LogLine } from '../run-log.ts';
import { runInUse } from '../run-in-use.ts';
import { hasSamples } from '../run-samples.ts';
import { parseSummary, type RunSummary } from '../run-summary.ts';
import { readRecipe, runDamage } from '../train.ts';
import { vanishedClasses } from '../vanished-classes.ts';

/** All runs, newest first. `training`: the one that a living worker trains. */
export function listRuns(project: Project, training: string | null): RunFacts[] {
  const inUse = runInUse(project);
  const predicted = countByRun(project, 'SELECT run AS r, count(*) AS n FROM predictions GROUP BY run');
  const based = countByRun(
    project,
    'SELECT base_run AS r, count(*) AS n FROM readings WHERE base_run IS NOT NULL GROUP BY base_run',
  );
  return project
    .runs()
    .map((record): RunFacts => {
      const summary = parseSummary(record.summary);
      const config = trainingConfigSchema.safeParse(record.configuration).data;
      const { saved, measures } = summary;
      const imported = isImported(project, project.runNumber(record.id));
      const damage = record.id === training || imported ? undefined : runDamage(project, record.id);
      const predictions = predicted.get(record.id) ?? 0;
      return {
        id: record.id,
        created: record.created,
        state: imported ? 'imported' : damage === undefined ? stateOf(record, summary, training) : 'damaged',
        recipe: config?.preset ?? '',
        from: summary.from ?? null,
        corrections: summary.corrections ?? false,
        device: summary.device ?? null,
        seconds: summary.seconds ?? null,
        done: summary.done ?? 0,
        total: summary.total ?? (config ? stepsOf(config) : 0),
        measures: measures ?? null,
        vanished: record.id === training ? [] : vanishedClasses(project, record),
        failure:
          record.status === 'failed' ? { message: summary.error ?? '', settings: summary.settings ?? null } : null,
        damage: damage ?? null,
        predicted: predictions,
        usable: imported
          ? predictions > 0
          : damage === undefined
            ? saved !== undefined && hasLearnedTags(saved)
            : predictions > 0 && predictions === project.items.length,
        correctable:
          damage === undefined && saved !== undefined && config !== undefined && hasSegmentation({ config, ...saved }),
        inUse: record.id === inUse,
        basedOn: based.get(record.id) ?? 0,
      };
    })
    .toReversed();
}

function stateOf({ id, status }: RunRecord, { ended }: RunSummary, training: string | null): RunState {
  switch (status) {
    case 'running':
      return id === training ? 'running' : 'interrupted';
    case 'stopped':
      return ended ? 'stopped' : 'paused';
    case 'finished':
    case 'failed':
      return status;
    case 'deleted':
      throw new Error(`${id} is deleted`);
  }
}

function countByRun(project: Project, sql: string): Map<string, number> {
  const ids = new Map(
    project.database
      .prepare('SELECT number, id FROM runs')
      .all()
      .map((row) => [Number(row['number']), String(row['id'])]),
  );
  const rows = project.database.prepare(sql).all();
  return new Map(rows.map((row) => [ids.get(Number(row['r'])) ?? '', Number(row['n'])]));
}

/** Whether a run has predicted every item, as it is now. */
export function hasPredictedAll(project: Project, run: string): boolean {
  const saved = parseSummary(project.runs().find(({ id }) => id === run)?.summary).saved;
  const predictedAs = project.setting(`predictions of ${run}`);
  if (saved && predictedAs !== `${saved.stage} ${saved.iteration}`) return false;
  return project.predictedItems(run).length === project.items.length;
}

/** Everything that a run has told so far, from its log. */
export function runHistory(project: Project, run: string): RunHistory {
  if (!project.runs().some(({ id }) => id === run)) throw new Error(`run: expected one of the project, got "${run}"`);
  const config = readRecipe(project, run);
  const lines = readLog(project.runDirectory(run));
  return {
    run,
    stages: stagesOf(config).map((stage) => ({
      stage,
      from: iterationsBefore(config, stage),
      iterations: iterationsOf(config, stage),
    })),
    total: stepsOf(config),
    lookEvery: Math.min(config.evaluateEvery, ...stagesOf(config).map((stage) => iterationsOf(config, stage))),
    points: lines.flatMap((line) => (line.kind === 'step' ? [pointOf(line)] : [])),
    looks: lines.flatMap((line) => {
      if (line.kind !== 'evaluated') return [];
      const look = lookOf(config, line);
      return [hasSamples(project, run, line) ? look : { ...look, items: [] }];
    }),
    log: lines.flatMap((line) => logEntryOf(line) ?? []),
  };
}

export function stepsOf(config: TrainingConfig): number {
  return stagesOf(config).reduce((sum, stage) => sum + iterationsOf(config, stage), 0);
}

/** A step as charts show it. */
export function pointOf({ done, stage, losses, learningRate }: StepPoint): StepPoint {
  return { done, stage, losses, learningRate };
}

/** A look at the validation images as charts show it. */
export function lookOf(
  config: TrainingConfig,
  { stage, iteration, measures, items = [] }: Omit<Extract<LogLine, { kind: 'evaluated' }>, 'kind' | 'time'>,
): Look {
  return { ...measures, stage, iteration, done: iterationsBefore(config, stage) + iteration, items };
}

function logEntryOf(line: LogLine): LogEntry | undefined {
  const base = { time: line.time, message: '' };
  switch (line.kind) {
    case 'stage':
      return { ...base, kind: 'stage', stage: line.stage, iteration: line.iterations };
    case 'evaluated':
      return { ...base, kind: 'look', stage: line.stage, iteration: line.iteration };
    case 'checkpoint':
      return { ...base, kind: 'saved', stage: line.stage, iteration: line.iteration };
    case 'stopped':
      return { ...base, kind: 'paused', stage: null, iteration: 0 };
    case 'finished':
      return { ...base, kind: 'finished', stage: null, iteration: 0 };
    case 'step':
      return undefined;
  }
}
