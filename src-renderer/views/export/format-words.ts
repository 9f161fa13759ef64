// Words of export formats in the person's language. The registry's English is what a format without a
// translation shows.
import { EXPORT_FORMATS, type ExportFormatName } from '../../../src-core/datasets/formats/export-formats.ts';
import type { ExportOption } from '../../../src-core/datasets/formats/export-options.ts';
import { translated } from '../../i18n/index.svelte.ts';

export function formatTitle(name: ExportFormatName): string {
  return translated(`formats:title.${name}`, EXPORT_FORMATS[name].title);
}

export function formatDescription(name: ExportFormatName): string {
  return translated(`formats:about.${name}`, EXPORT_FORMATS[name].description);
}

export function optionTitle(format: ExportFormatName, option: string, { title }: ExportOption): string {
  return translated(`formats:option.${format}.${option}`, title);
}

/** `title` is what the registry calls the choice. */
export function choiceTitle(format: ExportFormatName, option: string, choice: string, title: string): string {
  return translated(`formats:choice.${format}.${option}.${choice}`, title);
}
