import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXPORT_FORMATS, type ExportFormatFacts } from '../../src-core/datasets/formats/export-formats.ts';

const FOLDER = join(import.meta.dirname, '../../src-renderer/i18n');
const FILES = readdirSync(join(FOLDER, 'en'));

function texts(language: string, file: string): Record<string, string> {
  return JSON.parse(readFileSync(join(FOLDER, language, file), 'utf8')) as Record<string, string>;
}

/** Chinese has one plural form, the others have two. */
function stems(keys: readonly string[]): string[] {
  return [...new Set(keys.map((key) => key.replace(/_(one|other)$/, '')))].sort();
}

function placeholders(text: string): string[] {
  return [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name!).sort();
}

describe.each(['de', 'zh'])('the texts in %s', (language) => {
  it.each(FILES)('say all that English says in %s', (file) => {
    expect(stems(Object.keys(texts(language, file)))).toEqual(stems(Object.keys(texts('en', file))));
  });

  it.each(FILES)('fill in the same values in %s', (file) => {
    const english = texts('en', file);
    for (const [key, text] of Object.entries(texts(language, file))) {
      expect({ key, names: placeholders(text) }).toEqual({ key, names: placeholders(english[key] ?? '') });
    }
  });
});

/** Titles that are names, the same in every language. */
const NAMES = ['nnunet', 'coco', 'voc', 'cityscapes', 'datumaro', 'label-studio', 'dicom-seg'];

describe.each(['de', 'zh'])('the formats in %s', (language) => {
  it('have words for all that the registry says of them, and for nothing else', () => {
    const expected = Object.entries<ExportFormatFacts>(EXPORT_FORMATS).flatMap(([format, { options }]) => [
      ...(NAMES.includes(format) ? [] : [`title.${format}`]),
      `about.${format}`,
      ...Object.entries(options).flatMap(([name, option]) => [
        `option.${format}.${name}`,
        ...(option.kind === 'choice'
          ? Object.keys(option.choices).map((choice) => `choice.${format}.${name}.${choice}`)
          : []),
      ]),
    ]);
    expect(Object.keys(texts(language, 'formats.json')).sort()).toEqual(expected.sort());
  });
});

it('English has a text for everything and no mark of excitement', () => {
  for (const file of FILES) {
    for (const [key, text] of Object.entries(texts('en', file))) {
      expect(text, `${file} ${key}`).not.toBe('');
      expect(text, `${file} ${key}`).not.toContain('!');
    }
  }
});
