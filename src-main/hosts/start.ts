// `npm start`: opens the app in Electron; where no Electron can be had, says how to get it and serves the app to a browser.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { electronBinary, electronFolder } from './electron-binary.ts';
import { PROGRAM_ROOT } from '../program-root.ts';

const root = fileURLToPath(PROGRAM_ROOT);
const args = process.argv.slice(2);
const electron = electronBinary() ?? fetchedElectron();

if (electron === undefined) {
  process.stderr.write(
    `No Electron binary: it could not be downloaded from GitHub.\n` +
      `To get it, run "npx install-electron" in ${root} on a network that reaches github.com, or unpack a release of Electron\n` +
      `somewhere and name that folder in ELECTRON_OVERRIDE_DIST_PATH. Until then the same app opens in a browser:\n\n`,
  );
  process.argv = [
    process.argv[0]!,
    'unia',
    'serve',
    '--open',
    ...(args[0] === undefined ? [] : ['--project', args[0]]),
  ];
  await import('../cli/unia.ts');
} else {
  const child = spawn(electron, [root, ...args], { stdio: 'inherit' });
  child.on('exit', (code) => process.exit(code ?? 1));
}

/** Electron's package brings no binary along; its installer fetches it once. */
function fetchedElectron(): string | undefined {
  process.stderr.write('Fetching Electron, once...\n');
  spawnSync(process.execPath, [join(electronFolder(), 'install.js')], { stdio: 'ignore', timeout: 300_000 });
  return electronBinary();
}
