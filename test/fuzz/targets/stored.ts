// What the program writes itself and reads again: checkpoints, weights, HDF5 arrays, label maps, patches, a project's database.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { float32 } from '../../../src-core/compile/index.ts';
import { decodeHdf5, encodeHdf5 } from '../../../src-core/datasets/codecs/hdf5.ts';
import { decodeLabels, encodeLabels } from '../../../src-core/labels/label-codec.ts';
import { checksum } from '../../../src-core/labels/packed-numbers.ts';
import { decodePatch, encodePatch } from '../../../src-core/labels/patch-codec.ts';
import { patchBetween } from '../../../src-core/labels/patch.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../../src-core/training/checkpoint.ts';
import { createRandom } from '../../../src-core/training/random.ts';
import { decodeSafetensors, encodeSafetensors } from '../../../src-core/training/safetensors.ts';
import { openImageData } from '../../../src-main/services/image-data.ts';
import { Project, TRUTH } from '../../../src-main/services/project.ts';
import { phantomProject, storePredictions } from '../../support/predicted-project.ts';
import { HEART } from '../../support/volume-project.ts';
import { tinyRecipe } from '../../support/tiny-recipe.ts';
import { refusalIn, type Reading, type Subject, type Target } from '../target.ts';

/** A parser of bytes that throws what is wrong with them. */
function throwing(
  name: string,
  seeds: () => readonly Omit<Subject, 'read'>[],
  parse: (bytes: Uint8Array) => unknown,
): Target {
  const read = (bytes: Uint8Array): Promise<Reading> => {
    parse(bytes);
    return Promise.resolve(undefined);
  };
  // A rejection and not an exception, as of every other reader.
  return {
    name,
    prepare: () => Promise.resolve(seeds().map((seed) => ({ ...seed, read: async (bytes) => read(bytes) }))),
  };
}

const weight = float32([2], Float32Array.of(1.5, -0));

const checkpoint = throwing(
  'checkpoint',
  () => {
    const random = createRandom(4);
    const facts = { config: tinyRecipe(), classes: ['left', 'größe'], stage: 'segmentation', iteration: 3 } as const;
    const masks = new Map([['patient 1', encodeLabels(HEART)]]);
    const bytes = encodeCheckpoint({ ...facts, random: random.state(), state: { 'classifier.weight': weight }, masks });
    return [{ form: 'headed', bytes }];
  },
  (bytes) => {
    const { masks } = decodeCheckpoint(bytes, 'checkpoint.safetensors');
    for (const coded of masks?.values() ?? []) decodeLabels(coded);
  },
);

const weights = throwing(
  'weights',
  () => [
    {
      form: 'headed',
      bytes: encodeSafetensors({
        tensors: { a: weight, b: { shape: [1, 2], data: Float32Array.of(1, 2) } },
        metadata: { format: 'pt' },
      } as Parameters<typeof encodeSafetensors>[0]),
    },
  ],
  (bytes) => decodeSafetensors(bytes, 'weights.safetensors'),
);

const labelMap = throwing('label map', () => [{ form: 'bytes', bytes: encodeLabels(HEART) }], decodeLabels);

const patch = throwing(
  'patch',
  () => {
    const after = { ...HEART, data: HEART.data.map((label, at) => (at % 7 === 0 ? 3 : label)) };
    const repair = (bytes: Uint8Array): Uint8Array => {
      if (bytes.length < 8) return bytes;
      const repaired = bytes.slice();
      new DataView(repaired.buffer).setUint32(4, checksum(repaired.subarray(8)), true);
      return repaired;
    };
    return [{ form: 'bytes', bytes: encodePatch(patchBetween(HEART, after)!), repair }];
  },
  decodePatch,
);

const hdf5: Target = {
  name: 'HDF5',
  async prepare() {
    const { width, height, data } = HEART;
    const shape = [1, height, width];
    const bytes = await encodeHdf5({ image: { shape, data: Float32Array.from(data) }, label: { shape, data } });
    return [
      { form: 'bytes', bytes, read: async (changed) => refusalIn(await decodeHdf5(changed, ['image', 'label'])) },
    ];
  },
};

const project: Target = {
  name: 'project',
  async prepare(folder) {
    const phantom = await phantomProject({}, { patients: 2, slices: 2, side: 32 });
    const built = Project.open(phantom.directory);
    await storePredictions(built);
    built.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    built.close();
    const directory = join(folder, 'project');
    cpSync(phantom.directory, directory, { recursive: true });
    return ['project.db', 'project.unia'].map((name): Subject => {
      const path = join(directory, name);
      const bytes = readFileSync(path);
      return {
        ...{ form: name === 'project.unia' ? 'json' : 'bytes', bytes },
        async read(changed) {
          for (const left of ['project.db-wal', 'project.db-shm']) rmSync(join(directory, left), { force: true });
          writeFileSync(path, changed);
          try {
            return await readProject(directory);
          } finally {
            writeFileSync(path, bytes);
          }
        },
      };
    });
  },
};

/** All that a screen would show of a project. */
async function readProject(directory: string): Promise<Reading> {
  const opened = Project.open(directory, 'read');
  try {
    const data = openImageData(opened);
    opened.tags();
    opened.setting('import');
    for (const { id } of opened.runs())
      for (const { item } of opened.predictedItems(id)) opened.readPrediction(id, item);
    for (const { id } of opened.items.slice(0, 2)) {
      opened.readLabelMap(id, TRUTH);
      opened.state(id);
      await data.image(id);
      await data.truth(id);
    }
    return undefined;
  } finally {
    opened.close();
  }
}

export const TARGETS: readonly Target[] = [checkpoint, weights, hdf5, labelMap, patch, project];
