import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { addExamples, wholeNumber } from '../options.ts';
import { print, printJson } from '../output.ts';

interface Flags {
  readonly project?: string;
  readonly port: number;
  readonly home?: string;
  readonly open?: boolean;
  readonly json?: boolean;
}

/** `unia serve`: the app in a browser of this machine. */
export function registerServe(program: Command): void {
  const command = program
    .command('serve')
    .summary('the app in a browser, for a workstation reached over SSH')
    .description(
      'Serves the app on 127.0.0.1 and prints its address with a secret token. Nothing else on the network can reach it; ' +
        'from another computer, make an SSH tunnel to the port.',
    )
    .option('--project <dir>', 'project to open at once')
    .option('--port <n>', 'port to listen on; 0 takes a free one', wholeNumber(0), 8420)
    .option('--home <dir>', 'folder for settings and the list of recent projects')
    .option('--open', 'open it in the browser of this machine')
    .option('--json', 'print the address as JSON')
    .action(runServe);
  addExamples(command, [
    ['unia serve --project heart', 'open the address it prints'],
    ['ssh -L 8420:127.0.0.1:8420 workstation unia serve', 'train there, look from here'],
  ]);
}

/** A machine without a browser is no failure: the address was printed. */
async function openInBrowser(address: string): Promise<void> {
  const { default: open } = await import('open');
  await open(address).catch(() => undefined);
}

async function runServe({ project, port, home, open, json }: Flags): Promise<void> {
  const [{ Studio }, { serveStudio }, { defaultHome }, { PAGE_FOLDER }, { lookedAtOnly }] = await Promise.all([
    import('../../services/studio/studio.ts'),
    import('../../hosts/serve/server.ts'),
    import('../../services/studio/home.ts'),
    import('../../hosts/page-files.ts'),
    import('../../storage/project-error.ts'),
  ]);
  const page = join(PAGE_FOLDER, 'index.html');
  if (!existsSync(page)) throw new Error(`${page} is not there: build the page first with "npm run build"`);
  const studio = new Studio({ host: 'serve', home: home ?? defaultHome() });
  if (project !== undefined) studio.openProject(project);
  const server = await serveStudio(studio, { port });
  if (json) printJson({ address: server.address, port: server.port });
  else print(`UniA Studio is at ${server.address}\nCtrl-C ends it.`);
  // Whoever reads the output of a program sees it too.
  if (studio.hasProject && studio.project.readOnly) {
    process.stderr.write(`${lookedAtOnly(studio.project.directory, studio.project.readOnly).message}\n`);
  }
  if (open) await openInBrowser(server.address);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await server.close();
  await studio.close();
}
