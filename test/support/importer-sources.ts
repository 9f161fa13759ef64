// A small whole source for every importer, and what can be wrong with it. A format without one does not compile.
import type { ImportFormat } from '../../src-core/datasets/import-formats.ts';
import { ANNOTATED_SOURCES } from './annotated-sources.ts';
import type { ImporterSource } from './importer-flaws.ts';
import { VOLUME_SOURCES } from './volume-sources.ts';

export const IMPORTER_SOURCES: Readonly<Record<ImportFormat, ImporterSource>> = {
  ...ANNOTATED_SOURCES,
  ...VOLUME_SOURCES,
};
