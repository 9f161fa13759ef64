import { expect, it } from 'vitest';
import type { JobFacts } from '../../../../src-core/contract/job.ts';
import { closingQuestion } from '../../../../src-main/hosts/electron/closing-question.ts';

it('asks before a training is ended, and says that it is saved', () => {
  expect(closingQuestion([job('predict', 'done'), job('train', 'running')])).toMatchObject({
    message: 'A training is running. Save it and close?',
    buttons: ['Keep training', 'Save and close'],
  });
});

it('says that masks made so far are kept, and names any other work', () => {
  expect(closingQuestion([job('predict', 'running')])?.detail).toContain('are kept');
  expect(closingQuestion([job('export', 'running')])?.message).toContain('export');
});

it('asks nothing where nothing is under way', () => {
  expect(closingQuestion([job('train', 'failed'), job('export', 'done'), job('import', 'cancelled')])).toBeUndefined();
});

function job(kind: string, state: JobFacts['state']): JobFacts {
  const progress = { done: 0, total: 0, unit: '', perSecond: null, secondsLeft: null };
  return { id: kind, kind, title: '', state, ...progress, message: '' };
}
