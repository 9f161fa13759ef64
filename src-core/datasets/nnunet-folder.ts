// nnU-Net v2 (and the Medical Segmentation Decathlon, which it grew from): dataset.json, imagesTr, labelsTr, imagesTs, labelsTs.
import { z } from 'zod';
import { counted } from './counted.ts';
import { IGNORE } from '../imaging/plane.ts';
import { isRefusal, refuse, type Refusal } from '../imaging/refusal.ts';
import { chooseClasses, classIndex } from './class-names.ts';
import { parseJson } from './codecs/json-document.ts';
import { NNUNET_IGNORE } from './codecs/nnunet.ts';
import { SLICE_TAGS } from './derive-tags.ts';
import type { DatasetFiles, Detection, FileEntry, Importer, ScanEvent, ScanOptions } from './importer.ts';
import { mapAhead } from './map-ahead.ts';
import { frameOfName, ownPatient, RASTER_NAME } from './raster-names.ts';
import { scanImage } from './scan-image.ts';
import { scanVolume, VOLUME_NAME, warning, type TruthPlan } from './scan-volume.ts';
import type { Split } from './split.ts';

/** Datasets for nnU-Net. */
export const nnunetImporter: Importer = { format: 'nnunet', detect, scan };

const AHEAD = 4;
const FOLDERS: Readonly<Record<string, { readonly masks: string; readonly split?: Split }>> = {
  imagesTr: { masks: 'labelsTr' },
  imagesTs: { masks: 'labelsTs', split: 'test' },
  imagesVal: { masks: 'labelsVal', split: 'validation' },
};

/** Values by name in nnU-Net v2, names by value in the Decathlon. */
const document = z.object({
  labels: z.record(z.string(), z.union([z.number(), z.string(), z.array(z.number())])),
});
const folds = z.array(z.object({ train: z.array(z.string()), val: z.array(z.string()) })).min(1);

function detect(listed: readonly FileEntry[]): Detection {
  const cases = findCases(listed, '');
  const root = rootOf(listed);
  if (root === undefined) return { confidence: 0, why: 'no dataset.json beside imagesTr' };
  const masks = cases.filter(({ mask }) => mask !== undefined).length;
  return {
    confidence: 0.96,
    why: `dataset.json beside imagesTr; ${counted(cases.length, 'case')}, ${masks} with labels`,
  };
}

interface Case {
  readonly name: string;
  readonly file: string;
  readonly mask: string | undefined;
  readonly split: Split | undefined;
}

/** Folder of dataset.json; the first where there are several data sets. */
function rootOf(listed: readonly FileEntry[]): string | undefined {
  const roots = listed.flatMap(({ path }) =>
    /(?:^|\/)dataset\.json$/.test(path) ? [path.slice(0, -'dataset.json'.length)] : [],
  );
  return roots.find((root) => listed.some(({ path }) => path.startsWith(`${root}imagesTr/`)));
}

function findCases(listed: readonly FileEntry[], prefix: string): Case[] {
  const byFolder = new Map<string, string>();
  const images: { readonly folder: string; readonly name: string; readonly file: string }[] = [];
  for (const { path } of listed) {
    const parts = path.slice(prefix.length).split('/');
    const [folder = '', file = ''] = parts.slice(-2);
    const isFile = VOLUME_NAME.test(file) || RASTER_NAME.test(file);
    if (!path.startsWith(prefix) || !isFile || file.startsWith('._')) continue;
    const name = file.replace(VOLUME_NAME, '').replace(RASTER_NAME, '');
    // Channels after the first, such as _0001, are other pictures of the same case.
    if (FOLDERS[folder]) {
      if (!/_(?!0000$)\d{4}$/.test(name)) images.push({ folder, name: name.replace(/_0000$/, ''), file: path });
    } else byFolder.set(`${folder}/${name}`, path);
  }
  return images.map(({ folder, name, file }) => {
    const { masks, split } = FOLDERS[folder]!; // it was one of them
    return { name, file, mask: byFolder.get(`${masks}/${name}`), split };
  });
}

async function* scan(files: DatasetFiles, options: ScanOptions): AsyncGenerator<ScanEvent> {
  const listed = await files.list();
  const root = rootOf(listed);
  if (root === undefined) throw new Error('source: expected dataset.json beside imagesTr, found none');
  const cases = findCases(listed, root);
  const labels = await readLabels(files, `${root}dataset.json`, options);
  const known = isRefusal(labels) ? [] : labels.classes;
  const classes = known.length === 0 ? (options.classes ?? []) : chooseClasses(known, options.classes);
  // First, because a source without classes ends at its plan: this says why it has none.
  if (isRefusal(labels)) yield { ...labels, file: `${root}dataset.json` };
  else yield* labels.events;
  yield { kind: 'plan', classes };
  const others = listed.filter(({ path }) => /\/images(?:Tr|Ts)\/.*_(?!0000\.)\d{4}\./.test(`/${path}`)).length;
  if (others > 0)
    yield warning(
      '',
      `${counted(others, 'file')} of further channels ${others === 1 ? 'is' : 'are'} left out; the first channel is read`,
    );
  const held = await heldOut(files, listed);
  const truth = isRefusal(labels) ? undefined : truthValues(labels.values, classes);
  const total = cases.length;
  let done = 0;
  for await (const events of mapAhead(cases, AHEAD, (each) =>
    scanCase(files, each, held, truth, classes.length, options),
  )) {
    yield* events;
    done += 1;
    yield { kind: 'step', done, total, file: cases[done - 1]?.file ?? '' };
  }
}

interface Labels {
  readonly classes: readonly string[];
  /** Value → name, the ignore label among them. */
  readonly values: ReadonlyMap<number, string>;
  readonly events: readonly ScanEvent[];
}

async function readLabels(files: DatasetFiles, path: string, { labelNames }: ScanOptions): Promise<Labels | Refusal> {
  const events: ScanEvent[] = [];
  const values = new Map<number, string>();
  if (labelNames) for (const [value, name] of Object.entries(labelNames)) values.set(Number(value), name);
  else {
    const parsed = parseJson(document, await files.readText(path));
    if (isRefusal(parsed)) return parsed;
    for (const [key, value] of Object.entries(parsed.labels)) {
      const [id, name] = /^\d+$/.test(key) && typeof value === 'string' ? [Number(key), value] : [value, key];
      if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id > 255) {
        events.push(warning(path, `${name} is a region of several values, which are taken one by one`));
        for (const each of Array.isArray(id) ? id : []) if (!values.has(each)) values.set(each, `value ${each}`);
      } else if (values.has(id)) {
        const found = `${id}, which is ${values.get(id)}`;
        events.push({ kind: 'refused', file: path, expected: `labels.${key}: a value of its own`, found });
      } else values.set(id, name);
    }
  }
  const names = [...values].sort((a, b) => a[0] - b[0]).filter(([value]) => value !== 0);
  return {
    classes: [...new Set(names.map(([, name]) => name).filter((name) => name !== NNUNET_IGNORE))],
    values,
    events,
  };
}

function truthValues(
  values: ReadonlyMap<number, string>,
  classes: readonly string[],
): Pick<TruthPlan, 'values' | 'named'> {
  const ids: Record<number, number> = {};
  for (const [value, name] of values) {
    const id = name === NNUNET_IGNORE ? IGNORE : classIndex(classes, name) + 1;
    if (value !== 0 && id > 0) ids[value] = id;
  }
  return { values: ids, named: new Set([...values.keys()]) };
}

/** Cases that validate in the first fold, where the data set brings its folds. */
async function heldOut(files: DatasetFiles, listed: readonly FileEntry[]): Promise<ReadonlySet<string>> {
  const path = listed.find((file) => /(?:^|\/)splits_final\.json$/.test(file.path))?.path;
  const parsed = path === undefined ? refuse('folds', 'none') : parseJson(folds, await files.readText(path));
  return new Set(isRefusal(parsed) ? [] : parsed[0]!.val);
}

function scanCase(
  files: DatasetFiles,
  { name, file, mask, split: given }: Case,
  held: ReadonlySet<string>,
  truth: Pick<TruthPlan, 'values' | 'named'> | undefined,
  classCount: number,
  options: ScanOptions,
): Promise<ScanEvent[]> {
  const match = options.patientPattern?.exec(file);
  const named = frameOfName(name);
  const patient = match ? (match[1] ?? match[0]) : (ownPatient(name) ?? named?.recording ?? name);
  const split = given ?? (held.size === 0 ? undefined : held.has(name) ? 'validation' : 'train');
  const common = {
    ...{ file, patient },
    truth: mask === undefined || !truth ? null : { file: mask, phaseIndex: 0, ...truth },
    ...(split && { split }),
  };
  const tags = options.tags ?? SLICE_TAGS;
  if (RASTER_NAME.test(file)) return scanImage(files, common, classCount, tags);
  return scanVolume(
    files,
    { ...common, id: name, phaseIndex: 0, phase: '', frame: named?.frame ?? null },
    classCount,
    tags,
  );
}
