// Runs the built services of an unpacked app, with nothing but its own files: node packed-services.ts APP PROJECT EXPORTED
// Prints what came of it as JSON.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Formats from '../../src-core/datasets/formats/export-formats.ts';
import type * as AdamwKernel from '../../src-main/engines/adamw-kernel.ts';
import type * as Export from '../../src-main/services/export/export.ts';
import type * as StudioModule from '../../src-main/services/studio/studio.ts';

const [app, project, exported] = process.argv.slice(2) as [string, string, string];
const BUILT = join(app, 'dist/app');

/** A built module; what it imports, Node looks for in the app. */
async function built<Module>(path: string): Promise<Module> {
  return (await import(pathToFileURL(join(BUILT, path)).href)) as Module;
}

/** Every library that the built code names, also those that it loads only when they are needed. */
function namedLibraries(): string[] {
  const files = readdirSync(BUILT, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'));
  const names = files.flatMap((file) =>
    [
      ...readFileSync(join(BUILT, file), 'utf8').matchAll(/(?:from |(?<!\()import |import\()["']([^."'][^"']*)["']/g),
    ].map(([, name]) => name!),
  );
  return [...new Set(names)].filter((name) => name !== 'electron' && !name.startsWith('node:')).sort();
}

/** Loads them from within the app; decoders of images fetch their program only when they are started. */
async function loadLibraries(names: readonly string[]): Promise<void> {
  const loader = join(app, 'load-libraries.mjs');
  const lines = names.map((name) => {
    const load = `await import(${JSON.stringify(name)})`;
    return name.startsWith('@cornerstonejs/') ? `await (${load}).default();` : `${load};`;
  });
  writeFileSync(loader, lines.join('\n'));
  await import(pathToFileURL(loader).href);
}

/** Trains, predicts and exports in every format that this project can be exported in; gives the number of files of each. */
async function trainAndExport(): Promise<Record<string, number>> {
  const [{ Studio }, { exportProject }, { EXPORT_FORMAT_NAMES }] = await Promise.all([
    built<typeof StudioModule>('src-main/services/studio/studio.js'),
    built<typeof Export>('src-main/services/export/export.js'),
    built<typeof Formats>('src-core/datasets/formats/export-formats.js'),
  ]);
  const studio = new Studio({ host: 'electron', home: join(app, 'home') });
  studio.changeSettings({ engine: 'onnxruntime:cpu' });
  studio.openProject(project);
  const { trainer, predictor, jobs } = studio;
  const plan = { recipe: 'suggested', length: null, weights: null, from: null, settings: {} };
  await jobs.result((await trainer.start(plan)).id);
  await jobs.result((await predictor.use('run-001'))!.id);
  const files: Record<string, number> = {};
  // That format refers to images that are DICOM themselves.
  for (const format of EXPORT_FORMAT_NAMES.filter((name) => name !== 'dicom-seg')) {
    const directory = join(exported, format);
    files[format] = (await exportProject(studio.project, { format, directory, run: 'run-001' })).files.length;
  }
  await studio.close();
  return files;
}

const libraries = namedLibraries();
await loadLibraries(libraries);
const files = await trainAndExport();
const { adamwModule } = await built<typeof AdamwKernel>('src-main/engines/adamw-kernel.js');
const kernel = WebAssembly.Module.exports(await adamwModule()).map(({ name }) => name);
process.stdout.write(JSON.stringify({ libraries, kernel, files }));
