#!/usr/bin/env node
// The command line: every command is one file in commands/, every decision lives in a service.
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { registerAblate } from './commands/ablate.ts';
import { registerDemo } from './commands/demo.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerEvaluate } from './commands/evaluate.ts';
import { registerExport } from './commands/export.ts';
import { registerImport } from './commands/import.ts';
import { registerPredict } from './commands/predict.ts';
import { registerServe } from './commands/serve.ts';
import { registerTrain } from './commands/train.ts';
import { PROGRAM_ROOT } from '../program-root.ts';
import { endingOf } from './errors.ts';

const { version, description } = JSON.parse(readFileSync(new URL('package.json', PROGRAM_ROOT), 'utf8')) as {
  version: string;
  description: string;
}; // our own file

const program = new Command('unia')
  .description(description)
  .version(version)
  .showSuggestionAfterError()
  .exitOverride()
  .addHelpText('after', '\nResearch use only, not for clinical decisions.');

registerImport(program);
registerTrain(program);
registerPredict(program);
registerEvaluate(program);
registerExport(program);
registerAblate(program);
registerDemo(program);
registerDoctor(program);
registerServe(program);

// Whoever reads our output may stop reading: `unia evaluate | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  const { text, exitCode } = endingOf(error, process.env['UNIA_DEBUG'] === '1');
  process.stderr.write(text);
  process.exitCode = exitCode;
}
