import { basename } from 'node:path';
import type { AreaOf, CheckedParamsOf, Handlers } from '../../../src-core/contract/contract.ts';
import type { IMPORT_CALLS, ScanChoices, ScanReport, UnknownSource } from '../../../src-core/contract/import.ts';
import type { JobFacts } from '../../../src-core/contract/job.ts';
import { makeProject, scanSource, type ImportProgress, type ImportScan, type ScanRequest } from '../import.ts';
import { UnknownFormatError } from '../importers.ts';
import { checkPlace, freePlace } from './project-place.ts';
import type { Studio } from './studio.ts';
import { findTables } from './tag-tables.ts';
import { folderName } from './upload-paths.ts';

/** The latest scan: a person decides about one source at a time. */
interface LatestScan {
  readonly id: string;
  readonly scan: ImportScan;
}

export function importHandlers(studio: Studio): Handlers<AreaOf<typeof IMPORT_CALLS>> {
  let latest: LatestScan | undefined;

  const scan = ({ source, choices }: CheckedParamsOf<'import.scan'>): JobFacts => {
    const request = scanRequest(choices);
    return studio.jobs.start(
      { kind: 'import', title: basename(source), unit: 'files' },
      async ({ signal, progress }) => {
        const tell = ({ done, total, file }: ImportProgress): void => progress(done, total, file);
        const found = await scanSource(source, request, tell, signal).catch((error: unknown) => {
          if (error instanceof UnknownFormatError) return error;
          throw error;
        });
        if (found instanceof UnknownFormatError) {
          const { files, detected, link = null } = found;
          return { id: null, source, files, detected, link } satisfies UnknownSource;
        }
        const tables = await findTables(found.files);
        const id = crypto.randomUUID();
        latest = { id, scan: found };
        return { id, source: found.source, ...found.summary, tables } satisfies ScanReport;
      },
    );
  };

  const make = ({ scan: id, directory, classes, split, masks }: CheckedParamsOf<'import.make'>): JobFacts => {
    if (latest?.id !== id) throw new Error('The folder was looked at again since, or elsewhere. Look at it once more.');
    const { scan: found } = latest;
    return studio.jobs.start(
      { kind: 'import', title: basename(directory), unit: 'files' },
      async ({ signal, progress }) => {
        const tell = ({ done, total, file }: ImportProgress): void => progress(done, total, file);
        await makeProject(found, directory, { chosenClasses: classes, split, masks }, tell, signal);
        latest = undefined;
        studio.openProject(directory);
        return directory;
      },
    );
  };

  return {
    'import.scan': scan,
    'import.place': ({ name }) => freePlace(studio.facts.projectsFolder, folderName(name)),
    'import.checkPlace': ({ directory, source }) => checkPlace(directory, source),
    'import.make': make,
  };
}

function scanRequest({ patientPattern, ...choices }: ScanChoices): ScanRequest {
  const given = Object.fromEntries(Object.entries(choices).filter(([, value]) => value !== undefined)) as ScanRequest; // the same fields, absent where undefined
  return { ...given, ...(patientPattern && { patientPattern: pattern(patientPattern) }) };
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (cause) {
    throw new Error(`patientPattern: expected a regular expression, got "${text}"`, { cause });
  }
}
