import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, unia } from './command-line.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unia-misuse-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the command line, used wrongly', () => {
  it('answers an unknown command with code 2 and the nearest name', async () => {
    const { code, stdout, stderr } = await unia(['imprt']);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/unknown command 'imprt'\n\(Did you mean import\?\)/);
  });

  it('answers an unknown option with code 2', async () => {
    const { code, stderr } = await unia(['import', folder, '--project', 'x', '--clases', 'LV']);
    expect(code).toBe(2);
    expect(stderr).toContain("unknown option '--clases'");
  });

  it('asks for a project that was not named', async () => {
    const { code, stderr } = await unia(['import', folder]);
    expect(code).toBe(2);
    expect(stderr).toContain("required option '--project <dir>' not specified");
  });

  it.each([
    [['--windows', '0'], 'Expected a whole number from 1 on, got "0".'],
    [['--validation', '1.5'], 'Expected a share from 0 up to 1, such as 0.1, got "1.5".'],
    [['--classes', 'LV,,RV'], 'Expected names separated by commas'],
    [['--classes', 'LV,LV'], '"LV" stands in the list twice.'],
    [['--mask-value', 'LV=3'], 'Expected value=name, such as 3=LV, got "LV=3".'],
    [['--tags', 'pixels'], 'Allowed choices are slice, crops.'],
    [['--patient-pattern', '('], 'Invalid regular expression'],
    [['--test', '0.2', '--test-modulus', '5'], 'cannot be used with'],
    [['--windows', '4'], '--windows is about windows of a slice: add --tags crops'],
    [['--column-label', 'finding'], '--column-... names columns of a table: add --csv FILE.'],
    [['--csv', 'missing.csv'], 'there is no file missing.csv'],
  ])('refuses %j', async (args, message) => {
    const project = join(folder, 'never-made');
    const { code, stderr } = await unia(['import', folder, '--project', project, ...args]);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(code).toBe(2);
    expect(await readdir(folder)).not.toContain('never-made');
  });
});

describe('the command line, when work fails', () => {
  it('says what is wrong in one paragraph, with code 1 and no stack', async () => {
    const { code, stdout, stderr } = await unia(['import', join(folder, 'absent'), '--project', join(folder, 'p')]);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toBe(`error: source: expected a folder, got ${join(folder, 'absent')}\n`);
  });

  it('adds the stack when asked to', async () => {
    const { stderr } = await unia(['import', join(folder, 'absent'), '--project', 'p'], { UNIA_DEBUG: '1' });
    expect(stderr).toMatch(/\n\s+at .*import\.ts/);
  });
});

describe('the command line, asked for help', () => {
  it('shows its commands and their examples', async () => {
    const general = await unia(['--help']);
    expect(general.code).toBe(0);
    expect(general.stdout).toMatch(/^Usage: unia/);
    expect(general.stdout).toContain('Research use only, not for clinical decisions.');
    const command = await unia(['import', '--help']);
    expect(command.code).toBe(0);
    expect(command.stdout).toMatch(/Examples:\n {2}\$ unia import /);
  });
});

describe('the launcher', () => {
  it('starts the command line', async () => {
    const launcher = fileURLToPath(new URL('../../../unia.mjs', import.meta.url));
    expect(await run([launcher, '--version'])).toMatchObject({ code: 0, stderr: '' });
    expect((await run([launcher, 'nothing'])).code).toBe(2);
  });

  it('is read by an older Node, which is told what to do where no newer one is installed', async () => {
    const launcher = fileURLToPath(new URL('../../../unia.mjs', import.meta.url));
    const alone = join(folder, 'unia.mjs');
    // A copy beside no node_modules that takes this Node for an older one.
    await writeFile(alone, (await readFile(launcher, 'utf8')).replace('NEEDED_MAJOR = 24', 'NEEDED_MAJOR = 999'));
    const { code, stderr } = await run([alone]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^unia needs Node 999 or newer, and this is Node \d+\.\d+\.\d+\.\nRun "npm ci"/);
  });
});
