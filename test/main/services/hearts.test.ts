import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { heartsOf } from '../../../src-main/services/hearts.ts';
import { openImageData } from '../../../src-main/services/image-data.ts';
import { Project, REVIEWED } from '../../../src-main/services/project.ts';
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
    const hearts = await heartsOf(project, run);
    expect(hearts.map(({ patient }) => patient)).toEqual(['patient001', 'patient002']);
    const [first] = hearts;
    const names = first!.phases.map(({ name }) => name);
    expect(names.toSorted()).toEqual(['ED', 'ES']);
    const volume = project.volumes.find(({ patient, phase }) => patient === 'patient001' && phase === 'ED')!;
    expect(first!.phases.find(({ name }) => name === 'ED')!.voxels).toEqual(await truthVoxels(volume.id));
    expect(first!.function!.lv.ejectionFraction).toBeGreaterThan(0);
  });

  it('take a reviewed mask in place of the suggestion', async () => {
    const item = project.items[0]!;
    const { width, height } = item;
    project.writeLabelMap(item.id, REVIEWED, { width, height, data: new Uint8Array(width * height).fill(1) });
    project.setState(item.id, 'corrected');
    const hearts = await heartsOf(project, run);
    const phase = hearts[0]!.phases.find(({ name }) => name === item.phase)!;
    expect(phase.reviewed).toBe(1);
    expect(phase.voxels![0]).toBeGreaterThanOrEqual(width * height);
  });

  it('have no volume in a phase where a slice has no mask, and stop when asked to', async () => {
    const hearts = await heartsOf(project, undefined);
    expect(hearts).toHaveLength(2);
    const controller = new AbortController();
    controller.abort();
    await expect(heartsOf(project, run, undefined, controller.signal)).rejects.toThrow(/abort/i);
  });
});
