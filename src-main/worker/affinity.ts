import type { Engine } from '../../src-core/compile/index.ts';
import { openAffinities } from '../services/item-affinity.ts';
import type { Project } from '../services/project.ts';
import type { TaskContext } from './perform.ts';
import { failureOf } from './task-failure.ts';

/** Answers with the affinity of each item that is asked for; one that cannot be read leaves the others. */
export async function performAffinity(
  project: Project,
  engine: Engine,
  run: string,
  { questions, tell }: Pick<TaskContext<'affinity'>, 'questions' | 'tell'>,
): Promise<null> {
  const affinities = await openAffinities(project, engine, run);
  for await (const { item } of questions) {
    try {
      tell({ kind: 'read', item, affinity: await affinities.read(item) });
    } catch (error) {
      tell({ kind: 'failed', item, failure: failureOf(error) });
    }
  }
  await affinities.close();
  return null;
}
