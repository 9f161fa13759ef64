// A list of items as SQL: conditions and order over items, their volumes, predictions and readings.
import type { ItemFilter, ItemOrder } from '../../src-core/contract/items.ts';

/** Values of named parameters. */
type Values = Record<string, string | number>;

/** Conditions of a query and the values in it. */
export interface ListSql {
  /** What is read from; `i` item, `v` volume, `w` patient, `s` source, `p` prediction of the run in use, `r` reading. */
  readonly from: string;
  readonly where: string;
  /** Items that are equal in it follow one another as imported. */
  readonly orderBy: string;
  /** What a group's items share; undefined for orders without groups. */
  readonly group: string | undefined;
  readonly values: Values;
}

/** Row numbers of the run and of the reader that a list is about. */
export interface ListScope {
  /** Undefined where no run is in use. */
  readonly run: number | undefined;
  readonly reader: number;
}

/** State of an item for the reader. */
export const STATE = `coalesce(r.state, 'pending')`;
const PATH = String.raw`replace(s.relative_path, '\', '/')`;
/** Folder of an item's source with its last slash: SQLite has no function for it. */
export const FOLDER = `rtrim(${PATH}, replace(${PATH}, '/', ''))`;

const FROM = `items i
  JOIN volumes v ON v.number = i.volume
  JOIN patients w ON w.number = v.patient
  JOIN sources s ON s.number = v.source
  LEFT JOIN predictions p ON p.item = i.number AND p.run = :run
  LEFT JOIN readings r ON r.item = i.number AND r.reader = :reader`;

/** The SQL of a list. */
export function listSql(filter: ItemFilter, order: ItemOrder, { run, reader }: ListScope): ListSql {
  // No run has the number -1.
  const values: Values = { run: run ?? -1, reader };
  const where = conditions(filter, values);
  return {
    from: FROM,
    where: where.length === 0 ? 'TRUE' : where.join(' AND '),
    orderBy: orderTerm(order, values),
    group: groupTerm(order),
    values,
  };
}

function conditions(filter: ItemFilter, values: Values): string[] {
  const where: string[] = [];
  const oneOf = (term: string, name: string, list: readonly string[] | undefined): void => {
    if (!list) return;
    const names = list.map((value, i) => {
      values[`${name}${i}`] = value;
      return `:${name}${i}`;
    });
    where.push(`${term} IN (${names.join(', ')})`);
  };
  oneOf(STATE, 'state', filter.states);
  oneOf('w.split', 'split', filter.splits);
  oneOf('w.name', 'patient', filter.patient === undefined ? undefined : [filter.patient]);
  oneOf('v.id', 'volume', filter.volume === undefined ? undefined : [filter.volume]);
  if (filter.text !== undefined && filter.text !== '') {
    values['text'] = `%${filter.text.replace(/[\\%_]/g, String.raw`\$&`)}%`;
    const places = ['i.id', 'w.name', 'v.phase', 's.relative_path'].map((place) => `${place} LIKE :text ESCAPE '\\'`);
    where.push(`(${places.join(' OR ')})`);
  }
  if (filter.shows !== undefined) where.push(`${areaOf(filter.shows, 'shows', values)} > 0`);
  if (filter.uncertainty) {
    values['from'] = filter.uncertainty.from;
    values['to'] = filter.uncertainty.to;
    where.push('p.score BETWEEN :from AND :to');
  }
  if (filter.tags) where.push(tagCondition(filter.tags, values));
  return where;
}

function tagCondition(tags: NonNullable<ItemFilter['tags']>, values: Values): string {
  const some = (condition: string): string => `EXISTS (SELECT 1 FROM tags t WHERE t.item = i.number AND ${condition})`;
  const tagged = some('TRUE');
  switch (tags.kind) {
    case 'untagged':
      return `NOT ${tagged}`;
    case 'tagged':
      return tagged;
    case 'none':
      return `${some('t.present = zeroblob(length(t.present))')} AND NOT ${some(`instr(t.present, x'01') > 0`)}`;
    case 'present':
    case 'absent': {
      values['tag'] = tags.class + 1;
      const says = (value: string): string => some(`substr(t.present, :tag, 1) = ${value}`);
      return tags.kind === 'present' ? says(`x'01'`) : `${says(`x'00'`)} AND NOT ${says(`x'01'`)}`;
    }
  }
}

function orderTerm(order: ItemOrder, values: Values): string {
  switch (order.by) {
    case 'uncertain':
      return 'p.score DESC NULLS LAST';
    case 'disagreement':
      return 'p.disagreement DESC NULLS LAST';
    case 'class':
      return `${areaOf(order.class, 'area', values)} DESC`;
    // As imported: the files are found in the order that people count in.
    case 'patient':
      return 'w.number';
    // Numbers in their order too, since the shorter ones come first.
    case 'phase':
      return 'length(v.phase), v.phase';
    case 'slice':
      return 'i.slice';
    case 'folder':
      return FOLDER;
    case 'file':
      return 'i.number';
  }
}

function groupTerm({ by }: ItemOrder): string | undefined {
  switch (by) {
    case 'patient':
      return 'w.name';
    case 'phase':
      return 'v.phase';
    case 'slice':
      return 'i.slice';
    case 'folder':
      return `rtrim(${FOLDER}, '/')`;
    case 'uncertain':
    case 'disagreement':
    case 'class':
    case 'file':
      return undefined;
  }
}

function areaOf(index: number, name: string, values: Values): string {
  values[name] = `$[${index + 1}]`;
  return `coalesce(json_extract(p.areas, :${name}), 0)`;
}
