// Titles and descriptions of export formats in the person's language. The registry's English is what a format without a
// translation shows.
import { EXPORT_FORMATS, type ExportFormatName } from '../../../src-core/datasets/formats/export-formats.ts';
import { translated } from '../../i18n/index.svelte.ts';

export function formatTitle(name: ExportFormatName): string {
  return translated(`formats:title.${name}`, EXPORT_FORMATS[name].title);
}

export function formatDescription(name: ExportFormatName): string {
  return translated(`formats:about.${name}`, EXPORT_FORMATS[name].description);
}
