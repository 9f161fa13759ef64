import type { MaterialProblem, TrainingMaterial } from '../../../src-core/contract/train.ts';
import { supervises } from '../../../src-core/review/item-state.ts';
import type { ClassCount } from '../../../src-core/review/tag.ts';
import { wholeImageTags } from '../../../src-core/training/image-tags.ts';
import type { TaggedRegion } from '../../../src-core/training/data.ts';
import type { Project } from '../project.ts';

/** Share of tags that show a class from which on they say too little about where it is (hearts: 0.8 to 0.95 of all slices). */
const RARELY_ABSENT = 0.8;

/** What a training of the project would learn from, and what is wrong with it. */
export function trainingMaterial(project: Project): TrainingMaterial & { readonly reviewed: number } {
  const splits = new Map(project.items.map(({ id, split }) => [id, split]));
  const tags = project.tags();
  const training = tags.filter(({ item }) => splits.get(item) === 'train');
  const windows = training.filter(({ window }) => window);
  const images = wholeImageTags(training);
  const held = new Set(tags.filter(({ item }) => splits.get(item) === 'validation').map(({ item }) => item));
  const counted = windows.length > 0 ? windows : images;
  const classes = project.classes.map((name, i) => ({ name, count: countOf(counted, i) }));
  const reviewed = countReviewed(project);
  return {
    images: project.items.filter(({ split }) => split === 'train').length,
    taggedImages: images.length,
    windows: windows.length,
    classes,
    reviewed,
    validation: held.size,
    validationTruth: hasTruth(project, held),
    problems: problemsOf(classes, {
      supervised: images.length + reviewed,
      windows: windows.length,
      validation: held.size,
    }),
  };
}

/** Training images whose mask a person has accepted or corrected. */
export function countReviewed(project: Project): number {
  return project.items.filter(({ split, state }) => split === 'train' && supervises(state)).length;
}

function countOf(regions: readonly TaggedRegion[], index: number): ClassCount {
  // A tag may say nothing of a class.
  const said = (value: number): number => regions.filter(({ present }) => present[index] === value).length;
  return { positive: said(1), negative: said(0) };
}

function hasTruth(project: Project, items: ReadonlySet<string>): boolean {
  const volumes = new Set(project.items.filter(({ id }) => items.has(id)).map(({ volume }) => volume));
  return project.volumes.some(({ id, truth }) => truth !== null && volumes.has(id));
}

function problemsOf(
  classes: TrainingMaterial['classes'],
  counts: { readonly supervised: number; readonly windows: number; readonly validation: number },
): MaterialProblem[] {
  if (counts.supervised === 0) return [{ kind: 'untagged', blocks: true }];
  const problems = classes.flatMap(({ name, count: { positive, negative } }): MaterialProblem[] => {
    // Where only reviewed masks teach, tags say nothing.
    if (positive + negative === 0) return [];
    if (positive === 0) return [{ kind: 'never-shown', class: name, blocks: false }];
    return negative === 0 ? [{ kind: 'always-shown', class: name, blocks: false }] : [];
  });
  const rarelyAbsent = classes.filter(({ count }) => count.negative > 0 && shareShown(count) >= RARELY_ABSENT);
  if (counts.windows === 0 && rarelyAbsent.length > 0) {
    problems.push({ kind: 'rarely-absent', classes: rarelyAbsent.map(({ name }) => name), blocks: false });
  }
  if (counts.validation === 0) problems.push({ kind: 'no-validation', blocks: false });
  return problems;
}

function shareShown({ positive, negative }: ClassCount): number {
  return positive / (positive + negative);
}
