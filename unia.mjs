#!/usr/bin/env node
// Starts the command line. Its sources are TypeScript that Node 24 runs directly; an older Node, which cannot, hands over to
// the Node 24 that `npm ci` put into node_modules. Plain JavaScript, so that any Node can read this file.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const NEEDED_MAJOR = 24;
const entry = fileURLToPath(new URL('./src-main/cli/unia.ts', import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) {
  await import('./src-main/cli/unia.ts');
} else {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const own = fileURLToPath(new URL(`./node_modules/node/bin/node${suffix}`, import.meta.url));
  if (existsSync(own)) {
    const child = spawn(own, [entry, ...process.argv.slice(2)], { stdio: 'inherit' });
    // The terminal sends Ctrl-C to the child as well; this process only waits for it to finish saving.
    process.on('SIGINT', () => {});
    for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    child.on('exit', (code) => process.exit(code ?? 1));
  } else {
    process.stderr.write(
      `unia needs Node ${NEEDED_MAJOR} or newer, and this is Node ${process.versions.node}.\n` +
        'Run "npm ci" in the folder of UniA Studio: it brings the right Node along, and the same command then works.\n',
    );
    process.exitCode = 1;
  }
}
