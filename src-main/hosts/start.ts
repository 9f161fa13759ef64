// `npm start`: opens the app in Electron; where no Electron can be had, says how to get it and serves the app to a browser.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { electronBinary, fetchElectron } from './electron-binary.ts';
import { PROGRAM_ROOT } from '../program-root.ts';

const root = fileURLToPath(PROGRAM_ROOT);
const args = process.argv.slice(2);
const electron = foundOrFetched();

if (electron === undefined) {
  const project = args[0] === undefined ? [] : ['--project', args[0]];
  // Any free port: the address is opened, nobody has to remember it.
  process.argv = [process.argv[0]!, 'unia', 'serve', '--open', '--port', '0', ...project];
  await import('../cli/unia.ts');
} else {
  const child = spawn(electron, [root, ...args], { stdio: 'inherit' });
  child.on('exit', (code) => process.exit(code ?? 1));
}

function foundOrFetched(): string | undefined {
  const found = electronBinary();
  if (found !== undefined) return found;
  process.stderr.write('Looking for Electron, which is fetched once...\n');
  const fetched = fetchElectron();
  if ('path' in fetched) return fetched.path;
  process.stderr.write(
    `No Electron binary: ${fetched.reason}.\n` +
      `To get it, run "npx install-electron" in ${root} on a network that reaches github.com, or unpack a release of Electron\n` +
      `somewhere and name that folder in ELECTRON_OVERRIDE_DIST_PATH. Until then the same app opens in a browser:\n\n`,
  );
  return undefined;
}
