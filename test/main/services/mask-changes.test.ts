import { rm } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { changeOf, compareSuggestions, notedChanges, noteChanges } from '../../../src-main/services/mask-changes.ts';
import { Project } from '../../../src-main/services/project.ts';
import { phantomProject, storePredictions } from '../../support/predicted-project.ts';

describe('how masks differ', () => {
  it('is 1 - Dice of all classes together, another class counting as different', () => {
    const of = (before: number[], after: number[]) => changeOf(Uint8Array.from(before), Uint8Array.from(after));
    expect(of([0, 1, 1, 0], [0, 1, 1, 0])).toBe(0);
    expect(of([0, 1, 1, 0], [1, 1, 0, 0])).toBe(0.5);
    expect(of([1, 1], [2, 2])).toBe(1);
    expect(of([0, 0], [0, 0])).toBe(0);
    expect(of([0, 0], [0, 1])).toBe(1);
  });

  it('is told for items that await review; what a person has decided about is only counted', async () => {
    const { folder, directory } = await phantomProject({}, { patients: 1, slices: 2 });
    onTestFinished(() => rm(folder, { recursive: true }));
    const project = Project.open(directory);
    onTestFinished(() => project.close());
    const [before, after] = [await storePredictions(project), await storePredictions(project)];
    const [first, second, third] = project.items;
    const mask = project.readLabelMap(second!.id, 'segmentation', after)!;
    for (const { id } of [second!, third!]) {
      project.writeLabelMap(id, 'segmentation', { ...mask, data: new Uint8Array(mask.data.length).fill(1) }, after);
    }
    project.setState(third!.id, 'accepted');
    const changes = await compareSuggestions(project, before, after);
    expect(changes).toMatchObject({ changed: 1, kept: 1, compared: project.items.length - 1 });
    expect(changes.items.map(({ item }) => item)).toEqual([second!.id]);
    expect(changes.meanChange).toBe(changes.items[0]!.change);
    expect(first!.state).toBe('pending');

    noteChanges(project, changes);
    expect(notedChanges(project, after)).toEqual(changes);
    expect(notedChanges(project, before)).toBeUndefined();
  });
});
