// `node export-run.ts PROJECT FORMAT OUT`: one export, and what it cost this process, as JSON.
import { exportProject } from '../../src-main/services/export/export.ts';
import { Project } from '../../src-main/services/project.ts';

/** Time of an export and the memory of the process that made it. */
export interface ExportCost {
  readonly seconds: number;
  /** Most that the process held at any time. */
  readonly peakMb: number;
  /** What it held with the project open, before it exported. */
  readonly openMb: number;
}

const [directory = '', format = '', out = ''] = process.argv.slice(2);
const project = Project.open(directory, 'read');
const openMb = process.memoryUsage.rss() / 2 ** 20;
const begun = performance.now();
await exportProject(project, { format, directory: out });
const cost: ExportCost = {
  seconds: (performance.now() - begun) / 1000,
  peakMb: process.resourceUsage().maxRSS / 1024,
  openMb,
};
project.close();
process.stdout.write(`${JSON.stringify(cost)}\n`);
