import type { LabelPlane } from '../../src-core/imaging/plane.ts';
import { supervises } from '../../src-core/review/item-state.ts';
import { kindsOf, READER, readFacts } from '../storage/reading-store.ts';
import type { Project } from './project.ts';

/** The mask that a reader has accepted or corrected; the effective one unless told otherwise. Undefined where there is none. */
export function reviewedMask(
  project: Project,
  item: string,
  reader: number = READER.effective,
): LabelPlane | undefined {
  const { state } = readFacts(project.database, project.itemNumber(item), reader);
  return supervises(state) ? project.readLabelMap(item, kindsOf(reader).mask) : undefined;
}
