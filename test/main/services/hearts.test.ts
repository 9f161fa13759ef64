import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeLabels } from '../../../src-core/labels/label-codec.ts';
import { patchOf } from '../../../src-core/labels/patch.ts';
import type { HeartReport } from '../../../src-core/measure/heart-report.ts';
import { heartOf, heartsOf } from '../../../src-main/services/hearts.ts';
import { openImageData } from '../../../src-main/services/image-data.ts';
import { Project, REVIEWED } from '../../../src-main/services/project.ts';
import { addSecondReader, readerNumber } from '../../../src-main/services/readers.ts';
import { Review } from '../../../src-main/services/review.ts';
import { putInUse } from '../../../src-main/services/run-in-use.ts';
import { READER } from '../../../src-main/storage/reading-store.ts';
import { phantomProject, storePredictions, type PhantomProject } from '../../support/predicted-project.ts';

describe('the hearts of a project', () => {
  let phantom: PhantomProject;
  let project: Project;
  let run: string;

  beforeAll(async () => {
    phantom = await phantomProject({}, { patients: 2 });
    project = Project.open(phantom.directory);
    run = await storePredictions(project);
  });

  afterAll(async () => {
    project.close();
    await rm(phantom.folder, { recursive: true });
  });

  async function truthVoxels(volume: string): Promise<number[]> {
    const data = openImageData(project);
    const counts = project.classes.map(() => 0);
    for (const { id } of project.items.filter((item) => item.volume === volume)) {
      for (const label of (await data.truth(id))!.data) if (label > 0) counts[label - 1]! += 1;
    }
    return counts;
  }

  it('are measured from what the run suggests', async () => {
    const hearts = await heartsOf(project, { run });
    expect(hearts.map(({ patient }) => patient)).toEqual(['patient001', 'patient002']);
    const [first] = hearts;
    const names = first!.phases.map(({ name }) => name);
    expect(names.toSorted()).toEqual(['ED', 'ES']);
    const volume = project.volumes.find(({ patient, phase }) => patient === 'patient001' && phase === 'ED')!;
    expect(first!.phases.find(({ name }) => name === 'ED')!.voxels).toEqual(await truthVoxels(volume.id));
    expect(first!.function!.lv.ejectionFraction).toBeGreaterThan(0);
  });

  it('have their phases in the order of the beat, also where ED and ES are files of their own', async () => {
    const whole = await phantomProject({ allFrames: true }, { patients: 1 });
    const beat = Project.open(whole.directory, 'read');
    const frames = beat.volumes.map(({ frame, phase }) => ({ frame: frame!, phase })); // ACDC numbers them
    const ordered = frames.toSorted((a, b) => a.frame - b.frame);
    const [heart] = await heartsOf(beat);
    beat.close();
    await rm(whole.folder, { recursive: true });
    expect(heart!.phases.map(({ phaseIndex, name }) => [phaseIndex + 1, name])).toEqual(
      ordered.map(({ frame, phase }) => [frame, phase]),
    );
    expect(ordered.map(({ phase }) => phase).indexOf('ES')).toBeGreaterThan(1);
  });

  it('take a reviewed mask in place of the suggestion', async () => {
    const item = project.items[0]!;
    const { width, height } = item;
    project.writeLabelMap(item.id, REVIEWED, { width, height, data: new Uint8Array(width * height).fill(1) });
    project.setState(item.id, 'corrected');
    const hearts = await heartsOf(project, { run });
    const phase = hearts[0]!.phases.find(({ name }) => name === item.phase)!;
    expect(phase.reviewed).toBe(1);
    expect(phase.voxels![0]).toBeGreaterThanOrEqual(width * height);
  });

  it('follow a mask while it is being corrected, before anybody has accepted it', async () => {
    const item = project.items.find(({ volume, state }) => volume.includes('patient002') && state === 'pending')!;
    putInUse(project, run);
    const before = await heartOf(project, item.id, READER.effective);
    expect(before).toEqual((await heartsOf(project, { run }))[1]);
    const review = new Review(project, { annotator: 'Anna' });
    const plane = decodeLabels(review.item(item.id).mask!);
    const patch = patchOf(plane, () => 3, { x: 0, y: 0, width: 5, height: 4 })!;
    review.edit('brush', [{ item: item.id, patch }]);
    const after = await heartOf(project, item.id, READER.effective);
    const voxels = ({ phases }: HeartReport) => phases.find(({ name }) => name === item.phase)!.voxels![2]!;
    expect(voxels(after) - voxels(before)).toBe(20);
    expect(after.phases.map(({ reviewed }) => reviewed)).toEqual([0, 0]);
    review.decide([item.id], 'accept');
    const accepted = await heartOf(project, item.id, READER.effective);
    expect(accepted.phases.find(({ name }) => name === item.phase)!.reviewed).toBe(1);
    expect(accepted).toEqual((await heartsOf(project, { run }))[1]);
  });

  it("are a second reader's own where one reads", async () => {
    addSecondReader(project, { name: 'Ben', isBlind: true });
    const ben = readerNumber(project, 'Ben');
    const item = project.items.find(({ volume }) => volume.includes('patient002'))!;
    const suggested = await heartOf(project, item.id, ben);
    expect(suggested.phases.map(({ reviewed }) => reviewed)).toEqual([0, 0]);
    expect(suggested).not.toEqual(await heartOf(project, item.id, READER.effective));
  });

  it('have no volume in a phase where a slice has no mask, and stop when asked to', async () => {
    const hearts = await heartsOf(project);
    expect(hearts).toHaveLength(2);
    const controller = new AbortController();
    controller.abort();
    await expect(heartsOf(project, { run }, undefined, controller.signal)).rejects.toThrow(/abort/i);
  });
});

describe('a heart beat whose end diastole and end systole lie in files of their own', () => {
  it('has its phases in the order of the beat', async () => {
    const phantom = await phantomProject({ allFrames: true }, { patients: 1, slices: 2 });
    const project = Project.open(phantom.directory);
    try {
      const [heart] = await heartsOf(project, { run: await storePredictions(project) });
      const systole = project.items.find(({ phase }) => phase === 'ES')!.frame! - 1;
      expect(systole).toBeGreaterThan(1);
      expect(heart!.phases.map(({ phaseIndex }) => phaseIndex)).toEqual([0, 1, 2, 3]);
      expect(heart!.phases.map(({ name }) => name)).toEqual(
        [0, 1, 2, 3].map((i) => (i === 0 ? 'ED' : i === systole ? 'ES' : '')),
      );
    } finally {
      project.close();
      await rm(phantom.folder, { recursive: true });
    }
  });
});
