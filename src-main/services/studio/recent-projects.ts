// Projects that were opened before, newest first.
import { z } from 'zod';
import type { ProjectFacts, RecentProject } from '../../../src-core/contract/project.ts';
import { holdsProject } from '../../storage/database.ts';
import type { Project } from '../project.ts';
import type { Home } from './home.ts';

const FILE = 'recent-projects.json';
const MOST = 24;

const ENTRY = z.object({
  directory: z.string(),
  name: z.string(),
  opened: z.string(),
  items: z.number(),
  reviewed: z.number(),
  picture: z.string().nullable(),
});

/** The list of recent projects, kept in the program's folder. */
export class RecentProjects {
  private readonly home: Home;

  constructor(home: Home) {
    this.home = home;
  }

  list(): RecentProject[] {
    return this.entries().map((entry) => ({ ...entry, exists: holdsProject(entry.directory) }));
  }

  /** Puts a project first, with what it holds now. */
  note({ directory }: Project, { name, items, states }: ProjectFacts): void {
    const before = this.entries().find((entry) => entry.directory === directory);
    const reviewed = states.accepted + states.corrected;
    const entry = {
      directory,
      name,
      opened: new Date().toISOString(),
      items,
      reviewed,
      picture: before?.picture ?? null,
    };
    this.write([entry, ...this.others(directory)]);
  }

  /** The small picture that stands for a project in the list. */
  setPicture(directory: string, picture: string): void {
    this.write(this.entries().map((entry) => (entry.directory === directory ? { ...entry, picture } : entry)));
  }

  forget(directory: string): void {
    this.write(this.others(directory));
  }

  private entries(): z.output<typeof ENTRY>[] {
    return this.home.read(FILE, z.array(ENTRY), []);
  }

  private others(directory: string): z.output<typeof ENTRY>[] {
    return this.entries().filter((entry) => entry.directory !== directory);
  }

  private write(entries: readonly z.output<typeof ENTRY>[]): void {
    this.home.write(FILE, entries.slice(0, MOST));
  }
}
