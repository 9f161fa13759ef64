// ACDC layout: patientNNN/Info.cfg, patientNNN_4d.nii.gz, patientNNN_frameFF.nii.gz, patientNNN_frameFF_gt.nii.gz,
// flat or under training/ and testing/. End diastole and end systole are read from Info.cfg (frames from 1),
// never assumed: they are not always frame 1 and the highest one.
import { counted } from './counted.ts';
import { isRefusal } from '../imaging/refusal.ts';
import { chooseClasses, labelIds } from './class-names.ts';
import { SLICE_TAGS } from './derive-tags.ts';
import type { DatasetFiles, Detection, FileEntry, Importer, ScanEvent, ScanOptions } from './importer.ts';
import { mapAhead } from './map-ahead.ts';
import { refused, scanVolume, warning, type TruthPlan, type VolumePlan } from './scan-volume.ts';
import type { Split } from './split.ts';
import { detectColumns } from './tag-table.ts';
import { readVolumeTags, type StatedTags } from './volume-tags.ts';

/** Values of ACDC masks. M&Ms numbers the same anatomy the other way round: names, not numbers, carry over. */
export const ACDC_LABELS: Readonly<Record<number, string>> = { 1: 'RV', 2: 'MYO', 3: 'LV' };

/** Files read and decompressed at once. */
const AHEAD = 4;

const IMAGE = /^(.*?)_(?:frame(\d+)|4d)\.nii(?:\.gz)?$/i;
const MASK = /^(.*?)_frame(\d+)_gt\.nii(?:\.gz)?$/i;

/** Cardiac cine volumes in the layout of the ACDC challenge. */
export const acdcImporter: Importer = { format: 'acdc', detect, scan };

interface Patient {
  readonly folder: string;
  readonly name: string;
  info?: string;
  fourD?: string;
  readonly frames: Map<number, string>;
  readonly masks: Map<number, string>;
}

/** What Info.cfg says. */
interface CineInfo {
  readonly endDiastole?: number;
  readonly endSystole?: number;
}

function detect(files: readonly FileEntry[]): Detection {
  const patients = findPatients(files);
  const withInfo = patients.filter((patient) => patient.info !== undefined).length;
  if (patients.length === 0) return { confidence: 0, why: 'no folder holds NAME_frameFF.nii or NAME_4d.nii files' };
  const own = patients.filter(({ masks, folder, name }) => masks.size > 0 || folder.split('/').at(-1) === name).length;
  const why = `${counted(patients.length, 'folder')} with NAME_frameFF.nii or NAME_4d.nii files, ${withInfo} of them with Info.cfg`;
  // Such names alone are those of other NIfTI folders too.
  return { confidence: withInfo > 0 ? 0.95 : own > 0 ? 0.6 : 0.15, why };
}

async function* scan(files: DatasetFiles, options: ScanOptions): AsyncGenerator<ScanEvent> {
  const names = options.labelNames ?? ACDC_LABELS;
  const order = Object.keys(names).sort((a, b) => Number(a) - Number(b));
  const known = order.map((value) => names[Number(value)] ?? '');
  const classes = chooseClasses(known, options.classes);
  const listed = await files.list();
  const patients = findPatients(listed);
  yield { kind: 'plan', classes };

  const tagsFile = options.tagsFile ?? (await findTable(files, listed, patients));
  const stated =
    tagsFile === undefined ? undefined : await readVolumeTags(files, { ...options, tagsFile }, classes, known);
  if (stated) yield* stated.events;
  const seen = new Map<string, string>();
  const unique = patients.filter((patient) => !seen.has(patient.name) && seen.set(patient.name, patient.folder));
  for (const patient of patients) {
    const first = seen.get(patient.name);
    if (first === patient.folder || first === undefined) continue;
    yield {
      kind: 'refused',
      file: patient.folder,
      expected: `one folder for ${patient.name}`,
      found: `another one, ${first}`,
    };
  }
  let done = patients.length - unique.length;
  const values = labelIds(names, classes);
  const truth = { values, named: new Set(order.map(Number)) };
  for await (const events of mapAhead(unique, AHEAD, (patient) =>
    scanPatient(files, patient, options, classes, truth, stated),
  )) {
    yield* events.events;
    done += 1;
    yield { kind: 'step', done, total: patients.length, file: events.file };
  }
  if (stated) yield* stated.leftOver();
}

async function scanPatient(
  files: DatasetFiles,
  patient: Patient,
  options: ScanOptions,
  classes: readonly string[],
  truth: Pick<TruthPlan, 'values' | 'named'>,
  stated: StatedTags | undefined,
): Promise<{ file: string; events: ScanEvent[] }> {
  const events: ScanEvent[] = [];
  const info = patient.info === undefined ? {} : parseInfo(await files.readText(patient.info));
  const infoFile = patient.info ?? `${patient.folder}/Info.cfg`;
  if (info.endDiastole === undefined || info.endSystole === undefined) {
    events.push(warning(infoFile, 'does not say which frames are ED and ES; frames are imported without those names'));
  }
  for (const frame of await framesOf(files, patient, info, options.allFrames ?? false, events)) {
    const plan = planFrame(patient, frame, info, truth, stated);
    if (!plan) {
      const expected = `frame ${frame} as a file or in a 4-D file`;
      events.push({ kind: 'refused', file: infoFile, expected, found: 'neither in the folder' });
      continue;
    }
    events.push(...(await scanVolume(files, plan, classes.length, options.tags ?? SLICE_TAGS)));
  }
  return { file: patient.folder, events };
}

function planFrame(
  patient: Patient,
  frame: number,
  info: CineInfo,
  truth: Pick<TruthPlan, 'values' | 'named'>,
  stated: StatedTags | undefined,
): VolumePlan | undefined {
  const own = patient.frames.get(frame);
  const file = own ?? patient.fourD;
  if (file === undefined) return undefined;
  const mask = patient.masks.get(frame);
  const phase = frame === info.endDiastole ? 'ED' : frame === info.endSystole ? 'ES' : '';
  const split = splitOfFolder(patient.folder);
  const tags = stated?.take({ patient: patient.name, frame, phase });
  return {
    id: `${patient.name}_frame${String(frame).padStart(2, '0')}`,
    patient: patient.name,
    file,
    phaseIndex: own === undefined ? frame - 1 : 0,
    phase,
    frame,
    ...(split ? { split } : {}),
    truth: mask === undefined ? null : { file: mask, phaseIndex: 0, ...truth },
    ...(tags ? { stated: tags } : {}),
  };
}

async function framesOf(
  files: DatasetFiles,
  patient: Patient,
  info: CineInfo,
  all: boolean,
  events: ScanEvent[],
): Promise<number[]> {
  const frames = new Set(patient.frames.keys());
  if (info.endDiastole !== undefined) frames.add(info.endDiastole);
  if (info.endSystole !== undefined) frames.add(info.endSystole);
  if (all && patient.fourD !== undefined) {
    const file = await files.readVolume(patient.fourD);
    if (isRefusal(file)) events.push(refused(patient.fourD, file));
    else for (let frame = 1; frame <= file.header.phases; frame += 1) frames.add(frame);
  }
  return [...frames].sort((a, b) => a - b);
}

/** A table at the top that names patients; looked for only where no mask could tell the tags. */
async function findTable(
  files: DatasetFiles,
  listed: readonly FileEntry[],
  patients: readonly Patient[],
): Promise<string | undefined> {
  if (patients.some((patient) => patient.masks.size > 0)) return undefined;
  for (const { path } of listed.filter((file) => /^[^/]+\.(?:csv|tsv)$/i.test(file.path))) {
    const rows = await files.readRows(path);
    if (isRefusal(rows)) continue;
    const columns = detectColumns(rows, {});
    if (typeof columns !== 'string' && columns.at.patient !== undefined) return path;
  }
  return undefined;
}

/** `Key: value` lines; only whole frame numbers from 1 are believed. */
function parseInfo(text: string): CineInfo {
  const value = (key: string): number | undefined => {
    const stated = Number(new RegExp(`^\\s*${key}\\s*:\\s*(\\S+)`, 'im').exec(text)?.[1]);
    return Number.isInteger(stated) && stated >= 1 ? stated : undefined;
  };
  const [endDiastole, endSystole] = [value('ED'), value('ES')];
  return { ...(endDiastole ? { endDiastole } : {}), ...(endSystole ? { endSystole } : {}) };
}

function findPatients(files: readonly FileEntry[]): Patient[] {
  const patients = new Map<string, Patient>();
  const infos = new Map<string, string>();
  for (const { path } of files) {
    const slash = path.lastIndexOf('/');
    const folder = path.slice(0, Math.max(0, slash));
    const file = path.slice(slash + 1);
    if (file.toLowerCase() === 'info.cfg') infos.set(folder, path);
    const mask = MASK.exec(file);
    const image = mask ? null : IMAGE.exec(file);
    const name = mask?.[1] ?? image?.[1];
    if (name === undefined) continue;
    const key = `${folder}/${name}`;
    const patient = patients.get(key) ?? {
      folder,
      name,
      frames: new Map<number, string>(),
      masks: new Map<number, string>(),
    };
    patients.set(key, patient);
    if (mask?.[2] !== undefined) patient.masks.set(Number(mask[2]), path);
    else if (image?.[2] !== undefined) patient.frames.set(Number(image[2]), path);
    else patient.fourD = path;
  }
  for (const patient of patients.values()) {
    const info = infos.get(patient.folder);
    if (info !== undefined) patient.info = info;
  }
  return [...patients.values()].sort((a, b) => (a.folder < b.folder ? -1 : 1));
}

function splitOfFolder(folder: string): Split | undefined {
  const parents = folder.toLowerCase().split('/').slice(0, -1);
  if (parents.includes('testing') || parents.includes('test')) return 'test';
  return parents.includes('training') || parents.includes('train') ? 'train' : undefined;
}
