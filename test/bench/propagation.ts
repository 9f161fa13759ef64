// How well masks of end diastole lie on end systole and the other way round, propagated and copied: `npm run bench -- --only propagation`.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabelPlane } from '../../src-core/imaging/plane.ts';
import { propagatedLabels } from '../../src-core/labels/propagate.ts';
import { openImageData } from '../../src-main/services/image-data.ts';
import { importDataset } from '../../src-main/services/import.ts';
import { Project } from '../../src-main/services/project.ts';

interface Overlap {
  both: number;
  sum: number;
}

/** DSC of a class pooled over all slices: propagated, and copied as it is. */
export interface PropagationFacts {
  readonly name: string;
  readonly propagated: number;
  readonly copied: number;
}

/** Over the ACDC folder's expert masks; undefined where the folder is missing. */
export async function propagationQuality(source: string): Promise<PropagationFacts[] | undefined> {
  if (!existsSync(source)) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'unia-bench-'));
  try {
    await importDataset(source, join(folder, 'project'));
    const project = Project.open(join(folder, 'project'));
    const facts = [await overDataset(project, 'ED', 'ES'), await overDataset(project, 'ES', 'ED')].flat();
    project.close();
    return facts;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function overDataset(project: Project, from: string, to: string): Promise<PropagationFacts[]> {
  const data = openImageData(project);
  const propagated = project.classes.map((): Overlap => ({ both: 0, sum: 0 }));
  const copied = project.classes.map((): Overlap => ({ both: 0, sum: 0 }));
  for (const earlier of project.items.filter(({ phase }) => phase === from)) {
    const { group, slice } = earlier;
    const later = project.items.find((each) => each.group === group && each.slice === slice && each.phase === to);
    const [drawn, wanted] = [await data.truth(earlier.id), later && (await data.truth(later.id))];
    if (!later || !drawn || !wanted) continue;
    const { width, height } = drawn;
    const [image, following] = [await data.pixels(earlier.id), await data.pixels(later.id)];
    const [labels] = propagatedLabels(drawn, { width, height, data: image }, [{ width, height, data: following }]);
    count(propagated, { width, height, data: labels! }, wanted); // one image follows
    count(copied, drawn, wanted);
  }
  const dsc = ({ both, sum }: Overlap): number => (2 * both) / sum;
  return project.classes.map((name, i) => ({
    name: `${name}, ${from} to ${to}: DSC`,
    propagated: dsc(propagated[i]!),
    copied: dsc(copied[i]!),
  }));
}

function count(overlaps: readonly Overlap[], a: LabelPlane, b: LabelPlane): void {
  overlaps.forEach((overlap, i) => {
    for (let at = 0; at < a.data.length; at++) {
      const [inA, inB] = [a.data[at] === i + 1, b.data[at] === i + 1];
      if (inA && inB) overlap.both++;
      overlap.sum += Number(inA) + Number(inB);
    }
  });
}
