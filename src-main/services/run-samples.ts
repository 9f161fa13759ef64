// What a run makes of a few fixed validation images at every look: runs/<id>/samples/<stage>-<iteration>/<index>-<layer>.png.
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import writeFileAtomic from 'write-file-atomic';
import { prepareLabels, sampleChannels, shownArea } from '../../src-core/training/prepare.ts';
import type { TrainingConfig } from '../../src-core/training/config.ts';
import type { ImageData } from '../../src-core/training/data.ts';
import type { Prediction } from '../../src-core/training/prediction.ts';
import type { TrainingEvent } from '../../src-core/training/train.ts';
import { shownLabels } from '../../src-core/training/validation.ts';
import { samplePicture, type SampleLayer } from '../../src-core/review/sample-picture.ts';
import type { Colour } from '../../src-core/review/picture.ts';
import { openImageData } from './image-data.ts';
import type { Project } from './project.ts';
import { readRecipe } from './train.ts';

export const SAMPLE_LAYERS = ['image', 'cam', 'mask', 'truth', 'uncertainty'] as const satisfies SampleLayer['kind'][];

/** Which picture of a run. */
export interface SampleAddress {
  readonly stage: string;
  readonly iteration: number;
  readonly index: number;
}

const BYTE = 255;

/** Keeps the samples of one look, their values as bytes. */
export async function writeSamples(
  project: Project,
  run: string,
  { stage, iteration, samples }: Extract<TrainingEvent, { kind: 'evaluated' }>,
): Promise<void> {
  const config = readRecipe(project, run);
  const data = openImageData(project);
  await mkdir(folderOf(project, run, { stage, iteration }), { recursive: true });
  for (const [index, { item, prediction }] of samples.entries()) {
    const layers = await layersOf(data, config, item, prediction);
    for (const layer of layers) {
      const { side } = config.data;
      const channels = layer.data.length === side * side ? 1 : 3;
      const bytes = await sharp(layer.data, { raw: { width: side, height: side, channels } })
        .toColourspace(channels === 1 ? 'b-w' : 'srgb')
        .png()
        .toBuffer();
      await writeFileAtomic(fileOf(project, run, { stage, iteration, index }, layer.kind), bytes, { fsync: false });
    }
  }
}

async function layersOf(
  data: ImageData,
  config: TrainingConfig,
  item: string,
  prediction: Prediction,
): Promise<SampleLayer[]> {
  const { side } = config.data;
  const plane = await data.image(item);
  const truth = await data.truth(item);
  const channels = sampleChannels(plane, shownArea(plane, config.data), side);
  return [
    { kind: 'image', data: plane.channels === 1 ? asBytes(channels.subarray(0, side * side)) : interleaved(channels) },
    { kind: 'cam', data: asBytes(strongestOf(prediction.cam, side * side)) },
    { kind: 'mask', data: shownLabels(prediction, config) },
    { kind: 'uncertainty', data: asBytes(prediction.uncertainty) },
    ...(truth ? [{ kind: 'truth', data: prepareLabels(truth, config.data) } as const] : []),
  ];
}

function asBytes(values: Float32Array): Uint8Array {
  return Uint8Array.from(values, (value) => Math.round(Math.min(Math.max(value, 0), 1) * BYTE));
}

function interleaved(channels: Float32Array): Uint8Array {
  const size = channels.length / 3;
  return Uint8Array.from(channels, (_, i) => Math.round(channels[(i % 3) * size + Math.floor(i / 3)]! * BYTE));
}

function strongestOf(cam: Float32Array, size: number): Float32Array {
  const result = cam.slice(0, size);
  for (let i = size; i < cam.length; i++) result[i % size] = Math.max(result[i % size]!, cam[i]!);
  return result;
}

/** Whether pictures of a look were kept. */
export function hasSamples(project: Project, run: string, look: Omit<SampleAddress, 'index'>): boolean {
  return existsSync(folderOf(project, run, look));
}

/** A PNG of one layer over its image; undefined where the run has no such sample. */
export async function readSample(
  project: Project,
  run: string,
  address: SampleAddress,
  kind: SampleLayer['kind'],
  colours: readonly Colour[],
): Promise<Uint8Array | undefined> {
  const image = await readLayer(fileOf(project, run, address, 'image'));
  const layer = kind === 'image' ? image : await readLayer(fileOf(project, run, address, kind));
  if (!image || !layer) return undefined;
  const { width, height, data } = samplePicture(image, { kind, data: layer.data }, colours);
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

async function readLayer(
  file: string,
): Promise<{ readonly width: number; readonly height: number; readonly data: Uint8Array } | undefined> {
  const bytes = await readFile(file).catch(() => undefined);
  if (!bytes) return undefined;
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

function folderOf(project: Project, run: string, { stage, iteration }: Omit<SampleAddress, 'index'>): string {
  return join(project.runDirectory(run), 'samples', `${stage}-${String(iteration).padStart(6, '0')}`);
}

function fileOf(project: Project, run: string, address: SampleAddress, layer: SampleLayer['kind']): string {
  return join(folderOf(project, run, address), `${address.index}-${layer}.png`);
}
