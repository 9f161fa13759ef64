import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ByteCache } from '../../../src-main/services/byte-cache.ts';
import { importDataset } from '../../../src-main/services/import.ts';
import { openImageData } from '../../../src-main/services/image-data.ts';
import { Project, REVIEWED } from '../../../src-main/services/project.ts';
import { temporaryFolder, writeAcdc } from '../../support/source-folders.ts';

describe('a cache bounded by bytes', () => {
  const make = (log: string[], key: string, bytes: number) => async () => {
    await new Promise((resume) => setTimeout(resume, 1));
    log.push(key);
    return new Uint8Array(bytes);
  };

  it('makes a value once when it is asked for twice at once', async () => {
    const log: string[] = [];
    const cache = new ByteCache<Uint8Array>(100, (value) => value.length);
    const [a, b] = await Promise.all([cache.get('a', make(log, 'a', 10)), cache.get('a', make(log, 'a', 10))]);
    expect(a).toBe(b);
    expect(log).toEqual(['a']);
  });

  it('drops what was used least recently, and keeps no more than its bound', async () => {
    const log: string[] = [];
    const cache = new ByteCache<Uint8Array>(30, (value) => value.length);
    for (const key of ['a', 'b', 'c', 'a', 'd', 'a', 'b']) await cache.get(key, make(log, key, 10));
    expect(log).toEqual(['a', 'b', 'c', 'd', 'b']);
    expect(cache.bytes).toBe(30);
  });

  it('keeps what is larger than its bound for as long as nothing else is asked for', async () => {
    const log: string[] = [];
    const cache = new ByteCache<Uint8Array>(30, (value) => value.length);
    for (const key of ['a', 'huge', 'huge', 'huge']) await cache.get(key, make(log, key, key === 'huge' ? 500 : 10));
    expect(log).toEqual(['a', 'huge']);
    expect(cache.bytes).toBe(500);
    await cache.get('a', make(log, 'a', 10));
    expect(cache.bytes).toBe(10);
  });

  it('makes only a few values at a time', async () => {
    let running = 0;
    let most = 0;
    const cache = new ByteCache<number>(100, () => 1, 2);
    const work = async () => {
      most = Math.max(most, ++running);
      await new Promise((resume) => setTimeout(resume, 2));
      running -= 1;
      return 1;
    };
    await Promise.all(Array.from({ length: 9 }, (_, index) => cache.get(String(index), work)));
    expect(most).toBe(2);
  });

  it('tries again after a failure', async () => {
    const cache = new ByteCache<number>(100, () => 1);
    await expect(cache.get('a', () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
    expect(await cache.get('a', () => Promise.resolve(5))).toBe(5);
  });
});

describe('image data of a project', () => {
  it('gives the same planes from a cache too small for anything', async () => {
    const folder = temporaryFolder();
    writeAcdc(join(folder, 's'), ['patient001', 'patient002', 'patient003']);
    await importDataset(join(folder, 's'), join(folder, 'p'));
    const project = Project.open(join(folder, 'p'), 'read');
    const large = openImageData(project);
    const small = openImageData(project, { cacheBytes: 1 });
    const planes = await Promise.all(large.items.map((item) => large.image(item.id)));
    expect(await Promise.all(small.items.map((item) => small.image(item.id)))).toEqual(planes);
    project.close();
  });

  it('gives the reviewed mask of accepted and corrected items only', async () => {
    const folder = temporaryFolder();
    writeAcdc(join(folder, 's'), ['patient001', 'patient002']);
    await importDataset(join(folder, 's'), join(folder, 'p'));
    const project = Project.open(join(folder, 'p'));
    const data = openImageData(project);
    const item = 'patient001_frame01_z01';
    const plane = { width: 12, height: 10, data: new Uint8Array(120).fill(2) };
    project.writeLabelMap(item, REVIEWED, plane);
    expect(await data.reviewed(item)).toBeUndefined();
    project.setState(item, 'corrected');
    expect(await data.reviewed(item)).toEqual(plane);
    project.setState(item, 'rejected');
    expect(await data.reviewed(item)).toBeUndefined();
    await expect(data.image('nobody')).rejects.toThrow('item: expected one of the project, got "nobody"');
    project.close();
  });
});
