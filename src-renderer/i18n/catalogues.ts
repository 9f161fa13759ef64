// Every file of texts. A screen's file has the same name in each language; a test compares their keys. Formats are in
// English in their registry.
import deExport from './de/export.json';
import deFolders from './de/folders.json';
import deFormats from './de/formats.json';
import deFrame from './de/frame.json';
import deReaders from './de/readers.json';
import deReview from './de/review.json';
import deResults from './de/results.json';
import deImages from './de/images.json';
import deImport from './de/import.json';
import deSettings from './de/settings.json';
import deStart from './de/start.json';
import deTrain from './de/train.json';
import enExport from './en/export.json';
import enFolders from './en/folders.json';
import enFrame from './en/frame.json';
import enReaders from './en/readers.json';
import enReview from './en/review.json';
import enResults from './en/results.json';
import enImages from './en/images.json';
import enImport from './en/import.json';
import enSettings from './en/settings.json';
import enStart from './en/start.json';
import enTrain from './en/train.json';
import zhExport from './zh/export.json';
import zhFolders from './zh/folders.json';
import zhFormats from './zh/formats.json';
import zhFrame from './zh/frame.json';
import zhReaders from './zh/readers.json';
import zhReview from './zh/review.json';
import zhResults from './zh/results.json';
import zhImages from './zh/images.json';
import zhImport from './zh/import.json';
import zhSettings from './zh/settings.json';
import zhStart from './zh/start.json';
import zhTrain from './zh/train.json';

const en = {
  export: enExport,
  folders: enFolders,
  frame: enFrame,
  readers: enReaders,
  review: enReview,
  results: enResults,
  images: enImages,
  import: enImport,
  settings: enSettings,
  start: enStart,
  train: enTrain,
};

/** `screen:key`; plural forms are asked for by their stem. */
export type MessageKey = {
  [Space in keyof typeof en]: `${Space}:${Stem<keyof (typeof en)[Space] & string>}`;
}[keyof typeof en];

type Stem<Key extends string> = Key extends `${infer Start}_${'one' | 'other'}` ? Start : Key;

export const CATALOGUES = {
  en,
  de: {
    export: deExport,
    folders: deFolders,
    formats: deFormats,
    frame: deFrame,
    readers: deReaders,
    review: deReview,
    results: deResults,
    images: deImages,
    import: deImport,
    settings: deSettings,
    start: deStart,
    train: deTrain,
  },
  zh: {
    export: zhExport,
    folders: zhFolders,
    formats: zhFormats,
    frame: zhFrame,
    readers: zhReaders,
    review: zhReview,
    results: zhResults,
    images: zhImages,
    import: zhImport,
    settings: zhSettings,
    start: zhStart,
    train: zhTrain,
  },
} as const;
