// A project, the real server over it, and the places on it that scenes ask for.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnServe } from '../support/spawn-serve.ts';
import { HOME, makeProject, PROJECT, READER, type ProjectName } from './projects.ts';

export interface Stage {
  readonly address: string;
  /** Goes away with the stage. */
  readonly folder: string;
  /** Where the project lies, if there is one. */
  readonly project: string;
  /** Lets the server stand still in what it does, so that work under way can be looked at, until `thaw`. */
  readonly freeze: () => void;
  readonly thaw: () => void;
  readonly end: () => Promise<void>;
}

/** Opens a copy of a project: what scenes change is not kept. */
export async function openStage(kept: string, name: ProjectName): Promise<Stage> {
  const made = await makeProject(kept, name);
  const folder = mkdtempSync(join(tmpdir(), 'UniA '));
  cpSync(made, folder, { recursive: true, preserveTimestamps: true });
  const home = join(folder, HOME);
  mkdirSync(home, { recursive: true });
  const recent = join(home, 'recent-projects.json');
  if (existsSync(recent)) writeFileSync(recent, readFileSync(recent, 'utf8').replaceAll(made, folder));
  const settings = { engine: 'onnxruntime:cpu', annotator: READER, theme: 'system' };
  writeFileSync(join(home, 'settings.json'), JSON.stringify(settings));
  const project = join(folder, PROJECT);
  let frozen = false;
  const served = await spawnServe(home, existsSync(project) ? ['--project', project] : []);
  return {
    ...{ address: served.address, folder, project },
    freeze() {
      frozen = process.kill(served.pid, 'SIGSTOP');
    },
    thaw() {
      if (frozen) process.kill(served.pid, 'SIGCONT');
      frozen = false;
    },
    async end() {
      await served.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
