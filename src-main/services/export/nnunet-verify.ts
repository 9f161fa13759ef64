// Reads an nnU-Net dataset back as it was written and puts it through nnU-Net's checks.
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { decode } from 'fast-png';
import {
  NnunetVerifier,
  parseNnunetDataset,
  type NnunetCaseContent,
  type NnunetCheck,
  type NnunetGrid,
} from '../../../src-core/datasets/codecs/nnunet.ts';
import { parseNiftiHeader } from '../../../src-core/imaging/nifti.ts';
import { isRefusal } from '../../../src-core/imaging/refusal.ts';
import { decodeVoxels } from '../../../src-core/imaging/voxels.ts';
import type { WrittenFiles } from './format.ts';

interface ReadBack {
  readonly grid: NnunetGrid;
  readonly channels: number;
  readonly values: ArrayLike<number>;
}

/** nnU-Net has no spacing for pictures; it takes these. */
const PICTURE_SPACING = [999, 1, 1];

/** The verifier's checks over a raw dataset: every file that nnU-Net would train on is opened. */
export async function verifyNnunet({ paths, read }: WrittenFiles, raw: string): Promise<NnunetCheck[]> {
  const dataset = parseNnunetDataset((await read(`${raw}/dataset.json`)).toString());
  if (isRefusal(dataset)) {
    return [{ level: 'error', text: `dataset.json: expected ${dataset.expected}, found ${dataset.found}.` }];
  }
  const ending = dataset.file_ending;
  const open = async (path: string): Promise<ReadBack> =>
    (ending === '.png' ? readPicture : readVolume)(await read(path));
  const verifier = new NnunetVerifier(dataset);
  const written = new Set(paths);
  const images = paths.filter((path) => path.startsWith(`${raw}/imagesTr/`) && path.endsWith(ending));
  const channel = new RegExp(String.raw`_\d{4}$`);
  const cases = Map.groupBy(images.sort(), (path) =>
    path.slice(`${raw}/imagesTr/`.length, -ending.length).replace(channel, ''),
  );
  for (const [name, files] of cases) {
    const channels: ReadBack[] = [];
    for (const file of files) channels.push(await open(file));
    const label = `${raw}/labelsTr/${name}${ending}`;
    verifier.add(caseContent(name, channels, written.has(label) ? await open(label) : undefined));
  }
  return verifier.checks();
}

function caseContent(name: string, files: readonly ReadBack[], label: ReadBack | undefined): NnunetCaseContent {
  return {
    name,
    channels: files.reduce((sum, { channels }) => sum + channels, 0),
    image: files[0]!.grid,
    label: label && { ...label.grid, ids: distinct(label.values) },
    hasNaN: [...files, ...(label ? [label] : [])].some(({ values }) => hasNaN(values)),
  };
}

const unzip = promisify(gunzip);

async function readVolume(bytes: Uint8Array): Promise<ReadBack> {
  const file = await unzip(bytes);
  const header = parseNiftiHeader(file);
  if (isRefusal(header)) throw new Error(`expected ${header.expected}, found ${header.found}`);
  const { width, height, slices, phases, geometry } = header;
  const shape = [slices, height, width, ...(phases > 1 ? [phases] : [])];
  const spacing = geometry.spacing ? [geometry.spacing.z, geometry.spacing.y, geometry.spacing.x] : [1, 1, 1];
  return {
    grid: { shape, spacing, affine: geometry.affine.flat() },
    channels: 1,
    values: decodeVoxels(header, file.subarray(header.voxelOffset)),
  };
}

function readPicture(bytes: Uint8Array): Promise<ReadBack> {
  const { width, height, channels, data } = decode(bytes, { checkCrc: true });
  const grid = { shape: [1, height, width], spacing: PICTURE_SPACING, affine: [] };
  return Promise.resolve({ grid, channels, values: data });
}

function distinct(values: ArrayLike<number>): ReadonlySet<number> {
  const found = new Set<number>();
  let last: number | undefined;
  for (let index = 0; index < values.length; index++) {
    if (values[index] !== last) found.add((last = values[index]!));
  }
  return found;
}

function hasNaN(values: ArrayLike<number>): boolean {
  if (!(values instanceof Float32Array || values instanceof Float64Array)) return false;
  return values.some(Number.isNaN);
}
