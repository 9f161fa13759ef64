import type { AreaOf, Handlers } from '../../../src-core/contract/contract.ts';
import type { UPLOAD_CALLS } from '../../../src-core/contract/upload.ts';
import type { Studio } from './studio.ts';

export function uploadHandlers(studio: Studio): Handlers<AreaOf<typeof UPLOAD_CALLS>> {
  return {
    'upload.begin': (request) => studio.uploads.begin(request),
  };
}
