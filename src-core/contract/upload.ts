// A folder that a browser sends file by file, since a page cannot tell where the folder lies. The files follow as
// `PUT /upload/<id>/<place in the list>`.
import { z } from 'zod';
import { answers } from './call.ts';
import type { JobFacts } from './job.ts';

/** More files than any data set here has; a longer list would hold up the program. */
const MOST_FILES = 500_000;

export interface UploadBegun {
  readonly id: string;
  /** Gives the folder that was filled; ends by itself with the last file. */
  readonly job: JobFacts;
}

export const UPLOAD_CALLS = {
  /** Makes room for a folder where new projects go. Paths are relative, with forward slashes. */
  'upload.begin': answers<UploadBegun>()(
    z.object({
      name: z.string().min(1).max(120),
      files: z
        .array(z.object({ path: z.string().min(1).max(1024), size: z.number().int().min(0) }))
        .min(1)
        .max(MOST_FILES),
    }),
  ),
};
