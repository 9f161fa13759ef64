import type { AreaOf, Handlers } from '../../../src-core/contract/contract.ts';
import type { JOB_CALLS } from '../../../src-core/contract/job.ts';
import type { Studio } from './studio.ts';

export function jobHandlers(studio: Studio): Handlers<AreaOf<typeof JOB_CALLS>> {
  return {
    'job.list': () => studio.jobs.list(),
    'job.cancel': ({ id }) => {
      studio.jobs.cancel(id);
      return null;
    },
    'job.result': ({ id }) => studio.jobs.result(id),
  };
}
