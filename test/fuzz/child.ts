// Runs one parser over broken files and tells of each before and after; run.ts watches and ends it where it hangs.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Message, Order } from './messages.ts';
import { attempt, brokenFile } from './target.ts';
import { targetsOf } from './targets/targets.ts';

const { group, name, seed, from, to, folder } = JSON.parse(process.argv[2]!) as Order;
const BYTES_PER_KB = 1024;

function tell(message: Message): Promise<void> {
  return new Promise((resolve) => process.send!(message, () => resolve()));
}

// Whatever the makers of valid files leave behind goes with the folder.
const temporary = join(folder, 'tmp');
const work = join(folder, 'work');
for (const each of [temporary, work]) mkdirSync(each);
process.env['TMPDIR'] = temporary;
const target = (await targetsOf(group)).find((each) => each.name === name)!; // run.ts has found it there
const subjects = await target.prepare(work);
for (let run = from; run < to; run += 1) {
  const { subject, bytes } = brokenFile(target, subjects, seed, run);
  await tell({ kind: 'begin', run });
  const start = performance.now();
  const outcome = await attempt(subject, bytes);
  const ms = performance.now() - start;
  await tell({ kind: 'end', run, outcome, ms, peakBytes: process.resourceUsage().maxRSS * BYTES_PER_KB });
}
process.disconnect();
