import { classColours } from '../../../src-core/review/colours.ts';
import type { Project } from '../project.ts';
import type { ExportedClass } from './label-ids.ts';

/** Exported classes with their colours as `#rrggbb`. */
export function classHexColours(
  project: Project,
  classes: readonly ExportedClass[],
): { readonly name: string; readonly id: number; readonly colour: string }[] {
  const colours = classColours(project.classes);
  return classes.map(({ name, id, label }) => {
    const hex = colours[label - 1]!.map((value) => value.toString(16).padStart(2, '0'));
    return { name, id, colour: `#${hex.join('')}` };
  });
}
