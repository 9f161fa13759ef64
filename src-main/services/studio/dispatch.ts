// The one door to the services: a name and parameters from anywhere, checked, and an answer that is never an exception.
import { z } from 'zod';
import type { Answer } from '../../../src-core/contract/call.ts';
import { CALLS, type CallName, type Handlers } from '../../../src-core/contract/contract.ts';
import { explainStorageError, ProjectError } from '../../storage/project-error.ts';
import { errorText } from '../error-text.ts';
import { exportHandlers } from './export-handlers.ts';
import { importHandlers } from './import-handlers.ts';
import { engineHandlers } from './engine-handlers.ts';
import { itemHandlers } from './item-handlers.ts';
import { jobHandlers } from './job-handlers.ts';
import { pictureHandlers } from './picture-handlers.ts';
import { projectHandlers } from './project-handlers.ts';
import { resultsHandlers } from './results-handlers.ts';
import { reviewHandlers } from './review-handlers.ts';
import { secondReaderHandlers } from './second-reader-handlers.ts';
import { settingsHandlers } from './settings-handlers.ts';
import { storageHandlers } from './storage-handlers.ts';
import type { Studio } from './studio.ts';
import { trainHandlers } from './train-handlers.ts';
import { tagHandlers } from './tag-handlers.ts';
import { uploadHandlers } from './upload-handlers.ts';

/** Answers a call of a page. */
export type Dispatch = (name: string, params: unknown) => Promise<Answer<unknown>>;

/** Handlers of every call; leaving one out does not compile. */
function allHandlers(studio: Studio): Handlers<CallName> {
  return {
    ...exportHandlers(studio),
    ...projectHandlers(studio),
    ...jobHandlers(studio),
    ...resultsHandlers(studio),
    ...pictureHandlers(studio),
    ...settingsHandlers(studio),
    ...storageHandlers(studio),
    ...uploadHandlers(studio),
    ...tagHandlers(studio),
    ...importHandlers(studio),
    ...engineHandlers(studio),
    ...trainHandlers(studio),
    ...itemHandlers(studio),
    ...reviewHandlers(studio),
    ...secondReaderHandlers(studio),
  };
}

export function createDispatch(studio: Studio): Dispatch {
  const handlers = allHandlers(studio);
  return async (name, params) => {
    if (!isCall(name)) return failure('misuse', `call: expected one of the contract, got "${name.slice(0, 80)}"`);
    const checked = CALLS[name].params.safeParse(params);
    if (!checked.success) return failure('misuse', `${name}: ${z.prettifyError(checked.error)}`);
    try {
      studio.catchUp();
      // The schema of this very call has just checked them.
      const handler = handlers[name] as (params: unknown) => unknown;
      return { ok: true, value: await handler(checked.data) };
    } catch (error) {
      return failureOf(studio.hasProject ? explainStorageError(error, studio.project.directory) : error);
    }
  };
}

function isCall(name: string): name is CallName {
  return Object.hasOwn(CALLS, name);
}

function failureOf(error: unknown): Answer<never> {
  if (error instanceof ProjectError) return failure(error.problem, error.message);
  if (error instanceof Error && error.name === 'AbortError') return failure('cancelled', 'Cancelled.');
  return failure('failure', errorText(error));
}

function failure(kind: string, message: string): Answer<never> {
  return { ok: false, kind, message };
}
