import type { JobFacts } from '../../../src-core/contract/job.ts';

/** What a person is asked before the window closes over work under way. */
export interface ClosingQuestion {
  readonly message: string;
  /** What becomes of the work. */
  readonly detail: string;
  /** The first keeps the window open. */
  readonly buttons: readonly [string, string];
}

/** The question for the jobs there are; undefined where none is under way. */
export function closingQuestion(jobs: readonly JobFacts[]): ClosingQuestion | undefined {
  const running = jobs.filter(({ state }) => state === 'running').map(({ kind }) => kind);
  if (running.length === 0) return undefined;
  if (running.includes('train')) {
    return {
      message: 'A training is running. Save it and close?',
      detail: 'It saves where it is. Resume goes on from there when the project is opened again.',
      buttons: ['Keep training', 'Save and close'],
    };
  }
  if (running.includes('predict')) {
    return {
      message: 'Masks are being made. Stop and close?',
      detail: 'Masks that are made are kept. "Use this run" makes the missing ones when the project is opened again.',
      buttons: ['Keep going', 'Stop and close'],
    };
  }
  return {
    message: `Work is under way: ${[...new Set(running)].join(', ')}. Stop it and close?`,
    detail: 'It has to be started again; nothing that was reviewed or saved is touched.',
    buttons: ['Keep going', 'Stop and close'],
  };
}
