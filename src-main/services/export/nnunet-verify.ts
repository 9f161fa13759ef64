// Reads an nnU-Net dataset back as it was written and puts it through nnU-Net's checks.
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { decode } from 'fast-png';
import {
  NnunetVerifier,
  type NnunetCheck,
  type NnunetDataset,
  type NnunetGrid,
} from '../../../src-core/datasets/codecs/nnunet.ts';
import { parseNiftiHeader } from '../../../src-core/imaging/nifti.ts';
import { isRefusal } from '../../../src-core/imaging/refusal.ts';
import { decodeVoxels } from '../../../src-core/imaging/voxels.ts';

interface ReadBack {
  readonly grid: NnunetGrid;
  readonly channels: number;
  readonly values: ArrayLike<number>;
}

type Read = (path: string) => Promise<Uint8Array>;

/** nnU-Net has no spacing for pictures; it takes these. */
const PICTURE_SPACING = [999, 1, 1];

/** The verifier's checks over the training cases of a dataset in a folder. */
export async function verifyNnunet(
  read: Read,
  folder: string,
  dataset: NnunetDataset,
  cases: readonly string[],
): Promise<NnunetCheck[]> {
  const verifier = new NnunetVerifier(dataset);
  const open = dataset.file_ending === '.png' ? readPicture : readVolume;
  for (const name of cases) {
    const image = await open(await read(`${folder}/imagesTr/${name}_0000${dataset.file_ending}`));
    const label = await open(await read(`${folder}/labelsTr/${name}${dataset.file_ending}`));
    verifier.add({
      name,
      channels: image.channels,
      image: image.grid,
      label: label.grid,
      labels: distinct(label.values),
      hasNaN: hasNaN(image.values),
    });
  }
  return verifier.checks();
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
