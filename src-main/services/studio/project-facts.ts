import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { ProjectFacts } from '../../../src-core/contract/project.ts';
import { classColours, hexColour } from '../../../src-core/review/colours.ts';
import { ITEM_STATES, type ItemState } from '../../../src-core/review/item-state.ts';
import { hasVolumes } from '../../storage/dataset-store.ts';
import { projectGone } from '../../storage/project-error.ts';
import { TRUTH, type Project } from '../project.ts';
import { blindReader, readerNumber } from '../readers.ts';
import { runInUse } from '../run-in-use.ts';
import { vanishedClasses } from '../vanished-classes.ts';

/** Setting with the colours a person chose, `#rrggbb`, in the order of the classes. */
export const CLASS_COLOURS = 'class-colours';

/** Volumes whose truth is a file of the source, or is stored with their items. */
const WITH_TRUTH = `
  SELECT count(*) AS n FROM volumes v WHERE v.truth_source IS NOT NULL OR EXISTS (
    SELECT 1 FROM items i JOIN label_maps m ON m.item = i.number AND m.kind = '${TRUTH}' AND m.run = 0 WHERE i.volume = v.number
  )`;

/** What every screen shows of a project to the person at it. Counted by the database: no item is loaded. */
export function projectFacts(project: Project, annotator: string): ProjectFacts {
  const blind = blindReader(project, annotator);
  const count = (sql: string): number => Number(project.database.prepare(sql).get()?.['n'] ?? 0);
  const items = count('SELECT count(*) AS n FROM items');
  const cover = project.database
    .prepare('SELECT id FROM items ORDER BY number LIMIT 1 OFFSET (SELECT count(*) / 2 FROM items)')
    .get()?.['id'];
  const run = runInUse(project);
  const record = project.runs().find(({ id }) => id === run);
  return {
    directory: project.directory,
    key: projectKey(project),
    name: basename(project.directory),
    readOnly: project.readOnly,
    classes: projectClasses(project),
    patients: count('SELECT count(*) AS n FROM patients'),
    volumes: count('SELECT count(*) AS n FROM volumes'),
    items,
    states: countStates(project, readerNumber(project, blind), items),
    blindReader: blind ?? null,
    withTruth: count(WITH_TRUTH),
    isVolumetric: hasVolumes(project.database),
    runInUse: run ?? null,
    vanished: record ? vanishedClasses(project, record) : [],
    cover: cover === undefined ? null : String(cover),
  };
}

/** The moment the project was made and its place on the disk; no two share both. */
function projectKey({ directory }: Project): string {
  const found = statSync(join(directory, 'project.db'), { throwIfNoEntry: false });
  if (!found) throw projectGone(directory);
  const { birthtimeMs, ino } = found;
  return `${Math.round(birthtimeMs).toString(36)}-${ino.toString(36)}`;
}

/** Classes with the colours that a person chose, or those that they have by name. */
export function projectClasses(project: Project): ProjectFacts['classes'] {
  const chosen = z.array(z.string()).safeParse(project.setting(CLASS_COLOURS));
  const usual = classColours(project.classes);
  return project.classes.map((name, i) => ({ name, colour: chosen.data?.[i] ?? hexColour(usual[i]!) }));
}

const BY_STATE = `SELECT state, count(*) AS n FROM readings WHERE reader = ? AND state <> 'pending' GROUP BY state`;

/** Items without a reading are pending. Counted from an index, since it is told after every decision. */
function countStates({ database }: Project, reader: number, items: number): Record<ItemState, number> {
  const counts = Object.fromEntries(ITEM_STATES.map((state) => [state, 0])) as Record<ItemState, number>;
  counts.pending = items;
  for (const row of database.prepare(BY_STATE).iterate(reader)) {
    const n = Number(row['n']);
    // The writer stores only these words.
    counts[String(row['state']) as ItemState] = n;
    counts.pending -= n;
  }
  return counts;
}
