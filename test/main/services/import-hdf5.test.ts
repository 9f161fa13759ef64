// HDF5 as other programs leave it: slices without volumes, strokes beside labels, nothing named, and what cannot be read.
import { join } from 'node:path';
import { File, ready } from 'h5wasm';
import { describe, expect, it } from 'vitest';
import { encodeHdf5, type Hdf5Array } from '../../../src-core/datasets/codecs/hdf5.ts';
import { openImageData } from '../../../src-main/services/image-data.ts';
import { importDataset, scanSource, type ImportOptions } from '../../../src-main/services/import.ts';
import { Project, REVIEWED } from '../../../src-main/services/project.ts';
import { askPython, noPython } from '../../support/python.ts';
import { put, temporaryFolder } from '../../support/source-folders.ts';

const [WIDTH, HEIGHT] = [4, 3];
const SIZE = WIDTH * HEIGHT;

const image = (offset: number, slices = 1): Float32Array =>
  Float32Array.from({ length: SIZE * slices }, (_, at) => (at + offset) / 100);
const plane = (data: Hdf5Array['data']): Hdf5Array => ({ shape: [HEIGHT, WIDTH], data });
/** A mask with one pixel of each of some values, at 0, 1, ...; `rest` elsewhere. */
const dots = (values: readonly number[], rest = 0): Uint8Array =>
  Uint8Array.from({ length: SIZE }, (_, at) => values[at] ?? rest);

async function imported(folder: string, options: ImportOptions = {}) {
  const summary = await importDataset(join(folder, 's'), join(folder, 'p'), { masks: 'reviewed', ...options });
  const project = Project.open(join(folder, 'p'), 'read');
  const masks = project.items.map(({ id }) => [...(project.readLabelMap(id, REVIEWED)?.data ?? [])]);
  return { summary, project, masks };
}

describe('import of HDF5', () => {
  it('takes slices without a volume as one, in the order of their numbers', async () => {
    const folder = temporaryFolder();
    for (const slice of [10, 9, 2]) {
      const arrays = { image: plane(image(slice)), label: plane(dots([0, slice === 9 ? 2 : 1])) };
      put(folder, `s/slices/patient004_frame15_slice_${slice}.h5`, await encodeHdf5(arrays));
    }
    put(folder, 's/test.list', 'patient004_frame15\n');
    put(folder, 's/labels.json', '{"0":"background","1":"RV","2":"MYO"}');
    const { summary, project, masks } = await imported(folder);
    expect(summary).toMatchObject({ format: 'hdf5', classes: ['RV', 'MYO'], volumes: 1, items: 3, refused: [] });
    expect(summary.why).toBe('3 HDF5 files of 5 files; slices/patient004_frame15_slice_10.h5 holds image, label');
    expect(project.items.map(({ id, group, split }) => [id, group, split])).toEqual(
      [0, 1, 2].map((z) => [`patient004_frame15_z0${z}`, 'patient004', 'test']),
    );
    expect(masks.map((mask) => mask[1])).toEqual([1, 2, 1]);
    const darkest = await Promise.all(project.items.map(({ id }) => openImageData(project).pixels(id)));
    expect(darkest.map((values) => Math.round(values[0]! * 100))).toEqual([2, 9, 10]);
    project.close();
  });

  it('takes strokes of a pen for no mask where a label stands beside them, and says so', async () => {
    const folder = temporaryFolder();
    const arrays = {
      image: plane(image(0)),
      label: plane(dots([1, 1, 2, 2])),
      scribble: plane(dots([1, 3, 2, 3, 0], 3)),
    };
    put(folder, 's/patient001_frame01.h5', await encodeHdf5(arrays));
    const { summary, project, masks } = await imported(folder);
    expect(masks).toEqual([[...dots([1, 1, 2, 2])]]);
    expect(summary.classes).toEqual(['value 1', 'value 2']);
    expect(summary.warnings.map(({ message }) => message)).toEqual(
      expect.arrayContaining([
        'nothing names the values of the masks; they are called value 1, value 2',
        'the scribbles of 1 file are strokes on a part of what label names; label is the mask',
      ]),
    );
    project.close();
  });

  it('takes strokes as the mask where there is no label, not decided where nobody drew', async () => {
    const folder = temporaryFolder();
    const arrays = { image: plane(image(0)), scribble: plane(dots([1, 0, 2, 0], 3)) };
    put(folder, 's/a.h5', await encodeHdf5(arrays));
    const { project, masks } = await imported(folder);
    expect(masks).toEqual([[...dots([1, 0, 2, 0], 255)]]);
    project.close();
  });

  it('takes tags of a table where there are no masks', async () => {
    const folder = temporaryFolder();
    const stack = { shape: [2, HEIGHT, WIDTH], data: image(0, 2) };
    put(folder, 's/p1_frame01.h5', await encodeHdf5({ image: stack }));
    put(folder, 's/tags.csv', 'file,slice,labels\np1_frame01,0,LV\np1_frame01,1,none\n');
    const { summary } = await scanSource(join(folder, 's'));
    expect(summary).toMatchObject({ classes: ['LV'], tags: 2, masks: 0, refused: [] });
    expect(summary.classCounts).toEqual([{ positive: 1, negative: 1 }]);
  });

  it('refuses by name what holds no slices, and takes the rest', async () => {
    const folder = temporaryFolder();
    const good = { image: plane(image(0)), label: plane(dots([1])) };
    put(folder, 's/good.h5', await encodeHdf5(good));
    put(folder, 's/weights.h5', await encodeHdf5({ kernel: plane(image(0)) }));
    put(folder, 's/turned.h5', await encodeHdf5({ ...good, label: { shape: [WIDTH, HEIGHT], data: dots([1]) } }));
    put(folder, 's/colour.h5', await encodeHdf5({ image: { shape: [20, 20, 3], data: new Float32Array(1200) } }));
    put(folder, 's/deep.h5', await encodeHdf5({ image: { shape: [2, 2, 1, 3], data: new Float32Array(12) } }));
    put(folder, 's/none.h5', 'not HDF5 at all');
    put(folder, 's/huge.h5', await promisedArray([2 ** 20, 2 ** 20]));
    const { summary } = await scanSource(join(folder, 's'));
    expect(summary.items).toBe(1);
    const refused = Object.fromEntries(
      summary.refused.map(({ file, expected, found }) => [file, `expected ${expected}, found ${found}`]),
    );
    expect(Object.keys(refused)).toHaveLength(6);
    expect(refused['weights.h5']).toBe('expected an array "image", found only kernel');
    expect(refused['turned.h5']).toBe('expected "label" of the image\'s size, 3 x 4, found 4 x 3');
    expect(refused['colour.h5']).toContain('found 20 x 20 x 3, which looks like 3 colours');
    expect(refused['deep.h5']).toContain('found 2 x 2 x 1 x 3');
    expect(refused['none.h5']).toContain('expected an intact HDF5 file');
    expect(refused['huge.h5']).toBe('expected at most 536870912 bytes in "image", found 1048576 x 1048576');
  });

  const skipped = noPython('h5py');
  it.skipIf(skipped !== undefined)('reads what h5py writes, whatever the type of its numbers', async () => {
    const folder = temporaryFolder();
    put(folder, 's/empty.list', '');
    const types = await askPython<readonly string[]>('write_hdf5', [join(folder, 's')]);
    const { summary, project, masks } = await imported(folder);
    expect(summary).toMatchObject({ format: 'hdf5', items: types.length - 1 });
    const found = 'fractions of 16 bits';
    expect(summary.refused).toEqual([{ file: 'float16.h5', expected: 'numbers of 32 or 64 bits in "image"', found }]);
    for (const [index, { id }] of project.items.entries()) {
      expect([...Array.from(await openImageData(project).pixels(id))], id).toEqual([0, 1, 2, 3, 4, 5]);
      expect(masks[index]).toEqual([0, 1, 0, 0, 0, 1]);
    }
    project.close();
  });
});

/** A file whose header promises an array that it does not hold. */
async function promisedArray(shape: readonly number[]): Promise<Uint8Array> {
  const { FS } = await ready;
  const file = new File('promise.h5', 'w');
  const dataset = file.create_dataset({
    ...{ name: 'image', data: new Float32Array(4), shape: [2, 2], dtype: '<f' },
    ...{ maxshape: [null, null], chunks: [2, 2] },
  });
  dataset.resize([...shape]);
  file.close();
  const bytes = FS.readFile('promise.h5');
  FS.unlink('promise.h5');
  return bytes;
}
