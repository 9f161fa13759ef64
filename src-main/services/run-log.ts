// runs/<id>/metrics.jsonl: every event of a training as a line, for a person, for charts after a reload, and for tools.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { Checkpoint, StageName } from '../../src-core/training/checkpoint.ts';
import { stagesOf } from '../../src-core/training/stages.ts';
import type { TrainingEvent } from '../../src-core/training/train.ts';
import type { ValidationMeasures } from '../../src-core/training/validation.ts';

const METRICS_FILE = 'metrics.jsonl';

/** A line of the log. */
export type LogLine =
  | { readonly kind: 'stage'; readonly time: string; readonly stage: StageName; readonly iterations: number }
  | (Extract<TrainingEvent, { kind: 'step' }> & { readonly time: string })
  | {
      readonly kind: 'evaluated';
      readonly time: string;
      readonly stage: StageName;
      readonly iteration: number;
      readonly measures: ValidationMeasures;
      /** Items of the samples; absent in logs of earlier versions. */
      readonly items?: readonly string[];
    }
  | { readonly kind: 'checkpoint'; readonly time: string; readonly stage: StageName; readonly iteration: number }
  | { readonly kind: 'stopped' | 'finished'; readonly time: string };

/** Adds an event; pictures and weights stay out. */
export function appendToLog(directory: string, event: TrainingEvent): void {
  if (event.kind === 'pseudo-masks') return;
  const line = { time: new Date().toISOString(), ...withoutContent(event) };
  appendFileSync(join(directory, METRICS_FILE), `${JSON.stringify(line)}\n`);
}

function withoutContent(event: Exclude<TrainingEvent, { kind: 'pseudo-masks' }>): object {
  switch (event.kind) {
    case 'checkpoint': {
      const { stage, iteration } = event.checkpoint;
      return { kind: event.kind, stage, iteration };
    }
    case 'evaluated': {
      const { samples, ...facts } = event;
      return { ...facts, items: samples.map(({ item }) => item) };
    }
    default:
      return event;
  }
}

/** All lines of a run's log; none where it has not begun. The last one may be cut off by a killed process. */
export function readLog(directory: string): LogLine[] {
  const file = join(directory, METRICS_FILE);
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => parseLine(line) ?? []);
}

/** Takes lines of steps away that the checkpoint does not know: a killed process did them, they will be done again. */
export function tidyLog(directory: string, start: Checkpoint): void {
  const file = join(directory, METRICS_FILE);
  if (!existsSync(file)) return;
  const kept = readLog(directory).filter((line) => isBefore(start, line));
  writeFileAtomic.sync(file, kept.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

/** Whether a line tells of something that the checkpoint still knows. */
function isBefore({ config, stage, iteration }: Checkpoint, line: LogLine): boolean {
  if (!('stage' in line)) return true;
  const stages = stagesOf(config);
  const behind = stages.indexOf(line.stage) - stages.indexOf(stage);
  return behind < 0 || (behind === 0 && ('iteration' in line ? line.iteration : 0) <= iteration);
}

function parseLine(line: string): LogLine | undefined {
  try {
    return JSON.parse(line) as LogLine; // our own file
  } catch {
    return undefined;
  }
}
