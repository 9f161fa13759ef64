// `node export-until-killed.ts PROJECT FORMAT OUT`: an export whose process is killed when its first file is written.
import { exportProject } from '../../src-main/services/export/export.ts';
import { Project } from '../../src-main/services/project.ts';

const [project = '', format = '', directory = ''] = process.argv.slice(2);
await exportProject(Project.open(project, 'read'), { format, directory, overwrite: true }, () =>
  process.kill(process.pid, 'SIGKILL'),
);
