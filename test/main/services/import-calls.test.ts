import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ScanReport } from '../../../src-core/contract/import.ts';
import type { JobFacts } from '../../../src-core/contract/job.ts';
import { createDispatch } from '../../../src-main/services/studio/dispatch.ts';
import { openStudio, type TestStudio } from '../../support/browser.ts';
import { put, writeAcdc } from '../../support/source-folders.ts';

async function source(): Promise<
  TestStudio & { readonly root: string; ask: (name: string, params: unknown) => Promise<unknown> }
> {
  const test = await openStudio();
  const root = join(test.folder, 'acdc');
  writeAcdc(root, ['patient001', 'patient002', 'patient003']);
  const dispatch = createDispatch(test.studio);
  const ask = async (name: string, params: unknown): Promise<unknown> => {
    const answer = await dispatch(name, params);
    if (!answer.ok) throw new Error(answer.message);
    return answer.value;
  };
  return { ...test, root, ask };
}

async function scan(test: Awaited<ReturnType<typeof source>>, choices = {}): Promise<ScanReport> {
  const { id } = (await test.ask('import.scan', { source: test.root, choices })) as JobFacts;
  return (await test.studio.jobs.result(id)) as ScanReport;
}

const CLASSES = [{ name: 'muscle', sources: ['MYO'], colour: '#e69f00' }];
const SPLIT = { kind: 'shares', test: 0.2, validation: 0.1, seed: 0 };

describe('importing by calls', () => {
  it('tells what is there without making anything, then makes and opens what was chosen', async () => {
    const test = await source();
    put(test.root, 'tags.csv', 'patient,frame,slice,labels\npatient001,1,0,LV\n');
    const report = await scan(test);
    expect(report).toMatchObject({ format: 'acdc', patients: 3, volumes: 6, items: 24, classes: ['RV', 'MYO', 'LV'] });
    expect(report.tables).toEqual([{ path: 'tags.csv', headings: ['patient', 'frame', 'slice', 'labels'] }]);
    expect(existsSync(join(test.folder, 'projects'))).toBe(false);
    const directory = String(await test.ask('import.place', { name: 'acdc' }));
    const { id } = (await test.ask('import.make', {
      ...{ scan: report.id, directory, classes: CLASSES, split: SPLIT },
    })) as JobFacts;
    expect(await test.studio.jobs.result(id)).toBe(directory);
    expect(await test.ask('project.facts', {})).toMatchObject({
      directory,
      items: 24,
      classes: [{ name: 'muscle', colour: '#e69f00' }],
    });
  });

  it('takes masks of the source as reviewed where a person says so', async () => {
    const test = await source();
    const report = await scan(test);
    const directory = join(test.folder, 'projects', 'heart');
    const { id } = (await test.ask('import.make', {
      ...{ scan: report.id, directory, classes: CLASSES, split: SPLIT, masks: 'reviewed' },
    })) as JobFacts;
    await test.studio.jobs.result(id);
    expect(await test.ask('project.facts', {})).toMatchObject({ withTruth: 0, states: { accepted: 24 } });
  });

  it('leaves nothing of a project whose making is cancelled', async () => {
    const test = await source();
    const report = await scan(test);
    const directory = join(test.folder, 'projects', 'heart');
    const { id } = (await test.ask('import.make', {
      ...{ scan: report.id, directory, classes: CLASSES, split: SPLIT },
    })) as JobFacts;
    test.studio.jobs.cancel(id);
    await expect(test.studio.jobs.result(id)).rejects.toThrow();
    expect(existsSync(directory)).toBe(false);
    expect(existsSync(join(directory, '..')) ? readdirSync(join(directory, '..')) : []).toEqual([]);
    expect(test.studio.hasProject).toBe(false);
  });

  it('says which places will not do, and finds one that is free', async () => {
    const test = await source();
    const check = (directory: string) => test.ask('import.checkPlace', { directory, source: test.root });
    mkdirSync(join(test.folder, 'projects', 'heart'), { recursive: true });
    expect(await check(join(test.folder, 'projects', 'heart'))).toBeNull();
    writeFileSync(join(test.folder, 'projects', 'heart', 'notes.txt'), '');
    expect(await check(join(test.folder, 'projects', 'heart'))).toBe('exists');
    expect(await check('heart')).toBe('relative');
    expect(await check(join(test.root, 'patient001'))).toBe('inside-source');
    expect(await check(join(test.folder, 'projects', 'heart', 'notes.txt', 'deeper'))).toBe('not-writable');
    expect(await test.ask('import.place', { name: 'heart' })).toBe(join(test.folder, 'projects', 'heart 2'));
  });

  it('refuses to make a project of a scan that is not the latest, and a pattern that is none', async () => {
    const test = await source();
    const first = await scan(test);
    await scan(test, {
      tags: { kind: 'crops', windows: 2, window: 4, referenceSide: null, minimumShare: 0.1, seed: 0 },
    });
    const params = { scan: first.id, directory: join(test.folder, 'x'), classes: CLASSES, split: SPLIT };
    await expect(test.ask('import.make', params)).rejects.toThrow('looked at again');
    await expect(test.ask('import.scan', { source: test.root, choices: { patientPattern: '(' } })).rejects.toThrow(
      'patientPattern: expected a regular expression, got "("',
    );
  });
});
