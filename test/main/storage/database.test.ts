import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { importDataset } from '../../../src-main/services/import.ts';
import { Project, REVIEWED } from '../../../src-main/services/project.ts';
import { ProjectError } from '../../../src-main/storage/project-error.ts';
import { migrate, SCHEMA_VERSION } from '../../../src-main/storage/schema.ts';
import { put, temporaryFolder, writeAcdc } from '../../support/source-folders.ts';

const PROJECT_MODULE = join(import.meta.dirname, '../../../src-main/services/project.ts');
const noise = () => ({ width: 200, height: 200, data: Uint8Array.from({ length: 40_000 }, () => Math.random() * 200) });

async function makeProject(): Promise<{ folder: string; directory: string }> {
  const folder = temporaryFolder();
  writeAcdc(join(folder, 's'), ['patient001', 'patient002']);
  await importDataset(join(folder, 's'), join(folder, 'p'));
  return { folder, directory: join(folder, 'p') };
}

function problemOf(run: () => unknown): { problem: string; message: string } {
  try {
    run();
  } catch (error) {
    if (error instanceof ProjectError) return { problem: error.problem, message: error.message };
    throw error;
  }
  throw new Error('expected a ProjectError, got none');
}

/** A process of its own that opens the project and waits. */
async function holdInAnotherProcess(directory: string) {
  const code = `const { Project } = await import(${JSON.stringify(PROJECT_MODULE)});
    const project = Project.open(${JSON.stringify(directory)});
    project.setSetting('from', 'another');
    console.log('open'); setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

describe('a project opened by two processes', () => {
  it('tells the second writer which process has it, and lets readers in', async () => {
    const { directory } = await makeProject();
    const child = await holdInAnotherProcess(directory);
    const { problem, message } = problemOf(() => Project.open(directory));
    expect(problem).toBe('in-use');
    expect(message).toBe(
      `${directory} is open for writing in another process (process ${child.pid} on ${hostname()}). Close it there first.`,
    );
    const reader = Project.open(directory, 'read');
    expect(reader.items).toHaveLength(16);
    expect(reader.setting('from')).toBe('another');
    reader.close();
  });

  it('is free again after its writer was killed, and holds all that it had written', async () => {
    const { directory } = await makeProject();
    const child = await holdInAnotherProcess(directory);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const project = Project.open(directory);
    expect(project.setting('from')).toBe('another');
    project.close();
    expect(readdirSync(directory).sort()).toEqual(['project.db', 'project.unia', 'writer.lock']);
  });

  it('is refused twice in one process too', async () => {
    const { directory } = await makeProject();
    const first = Project.open(directory);
    expect(problemOf(() => Project.open(directory)).problem).toBe('in-use');
    first.close();
    Project.open(directory).close();
  });
});

describe('a process that writes for the one that has the project open', () => {
  /** Writes a prediction and a state of the first item each time that it is told to. */
  function helperOf(directory: string, holder = process.pid) {
    const code = `const { Project } = await import(${JSON.stringify(PROJECT_MODULE)});
      const { once } = await import('node:events');
      try {
        const project = Project.open(${JSON.stringify(directory)}, 'delegated', ${holder});
        const run = project.createRun({});
        for await (const word of process.stdin) {
          project.writePrediction(run, project.items[0].id, { score: 1, labels: {}, values: {} });
          project.setState(project.items[0].id, 'flagged');
          console.log(run);
        }
      } catch (error) { console.log(error.message); process.exit(1); }`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    return {
      async ask() {
        child.stdin.write('go');
        return this.hear();
      },
      async hear() {
        const [words] = (await once(child.stdout, 'data')) as [Buffer];
        return words.toString().trim();
      },
    };
  }

  it('writes beside it, and neither sees anything stale', async () => {
    const { directory } = await makeProject();
    const project = Project.open(directory);
    const first = project.items[0]!;
    const helper = helperOf(directory);
    expect(first.state).toBe('pending');
    for (let i = 0; i < 50; i++) project.setSetting(`mine ${i}`, i);
    expect(await helper.ask()).toBe('run-001');
    expect(project.predictedItems('run-001')).toEqual([{ item: first.id, score: 1 }]);
    expect(project.items[0]!.state).toBe('flagged');
    project.close();
    expect(await helper.ask()).toBe(
      `Process ${process.pid} has closed ${directory} or has ended; nothing more is written for it.`,
    );
    Project.open(directory).close();
  });

  it('is refused where the process it names does not hold the project', async () => {
    const { directory } = await makeProject();
    expect(await helperOf(directory, 1).hear()).toBe(
      `${directory} is not open for writing in process 1 (found: process unknown).`,
    );
    const child = await holdInAnotherProcess(directory);
    expect(await helperOf(directory).hear()).toBe(
      `${directory} is not open for writing in process ${process.pid} (found: process ${child.pid} on ${hostname()}).`,
    );
  });

  it('writes no more once that process was killed', async () => {
    const { directory } = await makeProject();
    const child = await holdInAnotherProcess(directory);
    const project = Project.open(directory, 'delegated', child.pid);
    project.setSetting('a', 1);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const { problem, message } = problemOf(() => project.setSetting('a', 2));
    expect([problem, project.setting('a')]).toEqual(['in-use', 1]);
    expect(message).toContain(`Process ${child.pid} has closed`);
    project.close();
  });
});

describe('a project that this program cannot open', () => {
  it('was made by a newer version: named, and not touched', async () => {
    const { directory } = await makeProject();
    const database = new DatabaseSync(join(directory, 'project.db'));
    database.exec('PRAGMA user_version = 99');
    database.close();
    const before = [readdirSync(directory), readFileSync(join(directory, 'project.db'))];
    for (const mode of ['write', 'read'] as const) {
      const { problem, message } = problemOf(() => Project.open(directory, mode));
      expect(problem).toBe('newer-version');
      expect(message).toBe(
        `${directory} was made by a newer version: its format is 99, this program knows up to ${SCHEMA_VERSION}. It was not touched; update the program to open it.`,
      );
    }
    expect([readdirSync(directory), readFileSync(join(directory, 'project.db'))]).toEqual(before);
  });

  it('is no project, another database, or damaged', () => {
    const folder = temporaryFolder();
    expect(problemOf(() => Project.open(folder)).message).toContain(
      'is no project: it has no project.db. A project is made by importing images.',
    );
    const other = new DatabaseSync(join(folder, 'project.db'));
    other.exec('CREATE TABLE t (x)');
    other.close();
    expect(problemOf(() => Project.open(folder)).message).toBe(`${folder}/project.db is no project database.`);
    put(folder, 'text/project.db', 'this is a text, not a database '.repeat(10));
    expect(problemOf(() => Project.open(join(folder, 'text'))).message).toBe(
      `${folder}/text/project.db is damaged or is no database.`,
    );
    expect(readdirSync(join(folder, 'text'))).toEqual(['project.db']);
  });

  it('is damaged where its header asks for a format that there is not', () => {
    const folder = temporaryFolder();
    Project.create(folder, ['LV']).close();
    const bytes = readFileSync(join(folder, 'project.db'));
    bytes[19] = 77;
    put(folder, 'project.db', bytes);
    expect(problemOf(() => Project.open(folder, 'read')).problem).toBe('damaged');
  });
});

describe('a project of the first version', () => {
  it('is brought up to date when it is opened for writing, and keeps what was decided', () => {
    const directory = temporaryFolder();
    const database = new DatabaseSync(join(directory, 'project.db'));
    migrate(database, 0, 1);
    database.exec(`
      INSERT INTO classes VALUES (1, 'LV');
      INSERT INTO patients VALUES (1, 'p', 'train');
      INSERT INTO sources VALUES (1, '../i.png', '/i.png', 1, 1, 1, 'raster');
      INSERT INTO volumes (id, patient, source, phase_index, phase, slices, width, height, channels, low, high)
        VALUES ('i', 1, 1, 0, '', 2, 2, 1, 1, 0, 1);
      INSERT INTO items (id, volume, slice, state) VALUES ('i 0', 1, 0, 'rejected'), ('i 1', 1, 1, 'pending');
      INSERT INTO runs (id, created, status, configuration) VALUES ('run-001', '', 'finished', '{}');
      INSERT INTO predictions VALUES (2, 1, 0.5, NULL);`);
    database.close();
    expect(problemOf(() => Project.open(directory, 'read')).message).toBe(
      `${directory} was made by an older version; open it for writing once to bring it up to date.`,
    );
    const project = Project.open(directory);
    expect(project.items.map(({ state }) => state)).toEqual(['rejected', 'pending']);
    expect(project.predictedItems('run-001')).toEqual([{ item: 'i 1', score: 0.5 }]);
    expect(project.database.prepare('SELECT item, reader, state FROM readings').all()).toEqual([
      { item: 1, reader: 0, state: 'rejected' },
    ]);
    project.close();
    Project.open(directory, 'read').close();
  });
});

describe('a full disk', () => {
  it('is named when a mask cannot be stored; what was stored stays whole', async () => {
    const { directory } = await makeProject();
    const project = Project.open(directory);
    const item = project.items[0]?.id ?? '';
    project.writeLabelMap(item, REVIEWED, { width: 2, height: 1, data: Uint8Array.of(1, 2) });
    const pages = Number(project.database.prepare('PRAGMA page_count').get()?.['page_count']);
    project.database.exec(`PRAGMA max_page_count = ${pages + 2}`);
    const { problem, message } = problemOf(() => project.writeLabelMap(item, REVIEWED, noise()));
    expect(problem).toBe('disk-full');
    expect(message).toBe(
      `The disk that holds ${directory} is full: free some space and try again; nothing was half-written.`,
    );
    expect(project.readLabelMap(item, REVIEWED)?.data).toEqual(Uint8Array.of(1, 2));
    project.close();
    const again = Project.open(directory);
    again.writeLabelMap(item, REVIEWED, noise());
    expect(again.readLabelMap(item, REVIEWED)?.width).toBe(200);
    again.close();
  });

  // The first is full when the tables are made, the second when they are filled.
  it.for([96, 320])('of %i kB leaves nothing of an import', async (kilobytes, context) => {
    const folder = temporaryFolder('unia-full-');
    const small = join(folder, 'small');
    mkdirSync(small);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', small], { stdio: 'ignore' });
    } catch {
      context.skip('no right to mount a small disk here');
    }
    try {
      writeAcdc(join(folder, 's'), ['patient001', 'patient002', 'patient003', 'patient004']);
      const tags = { kind: 'crops', windows: 400, window: 4, referenceSide: null, minimumShare: 0, seed: 0 } as const;
      await expect(importDataset(join(folder, 's'), join(small, 'p'), { tags })).rejects.toThrow(
        `The disk that holds ${join(small, 'p')} is full: free some space and try again; nothing was half-written.`,
      );
      expect(readdirSync(small)).toEqual([]);
    } finally {
      execFileSync('umount', [small]);
    }
  });
});

describe('a read-only folder', () => {
  /** Root may write anywhere, so it becomes nobody for a while. */
  async function withoutRights(run: () => void | Promise<void>): Promise<void> {
    const root = process.getuid?.() === 0;
    if (root) process.seteuid?.(65534);
    try {
      await run();
    } finally {
      if (root) process.seteuid?.(0);
    }
  }

  it('opens for reading, and says so when it is to be written', async () => {
    const { folder, directory } = await makeProject();
    chmodSync(folder, 0o755);
    chmodSync(directory, 0o555);
    onTestFinished(() => chmodSync(directory, 0o755));
    await withoutRights(() => {
      const reader = Project.open(directory, 'read');
      expect(reader.items).toHaveLength(16);
      reader.close();
      const { problem, message } = problemOf(() => Project.open(directory));
      expect(problem).toBe('read-only');
      expect(message).toBe(`${directory} cannot be written to: it, or the disk it is on, is read-only.`);
    });
    expect(readdirSync(directory).sort()).toEqual(['project.db', 'project.unia', 'writer.lock']);
  });

  it('takes no new project, and says so', async () => {
    const folder = temporaryFolder();
    writeAcdc(join(folder, 's'), ['patient001', 'patient002']);
    chmodSync(folder, 0o555);
    onTestFinished(() => chmodSync(folder, 0o755));
    await withoutRights(async () => {
      await expect(importDataset(join(folder, 's'), join(folder, 'p'))).rejects.toThrow(
        `${join(folder, 'p')} cannot be written to: it, or the disk it is on, is read-only.`,
      );
    });
    expect(readdirSync(folder)).toEqual(['s']);
  });
});

describe('an import that was killed', () => {
  it('leaves a hidden folder that the next import into the same place removes', async () => {
    const { folder, directory } = await makeProject();
    const abandoned = join(folder, '.q.importing-1');
    mkdirSync(abandoned);
    for (const name of ['project.db', 'writer.lock']) copyFileSync(join(directory, name), join(abandoned, name));
    await importDataset(join(folder, 's'), join(folder, 'q'));
    expect(existsSync(abandoned)).toBe(false);
    expect(readdirSync(folder).sort()).toEqual(['p', 'q', 's']);
  });
});
