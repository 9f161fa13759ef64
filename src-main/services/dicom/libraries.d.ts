// Types of the parts used of libraries that bring none.
/* eslint-disable @typescript-eslint/consistent-type-imports -- a declared module cannot import by a relative path */

declare module 'dcmjs' {
  type DicomDataset = import('../../../src-core/imaging/dicom-elements.ts').DicomDataset;

  interface Logger {
    setLevel(level: 'silent'): void;
    getLogger(name: string): Logger;
  }

  export const log: Logger;
  export const data: {
    readonly DicomMessage: {
      readFile(
        buffer: ArrayBuffer,
        options: { readonly ignoreErrors: boolean; readonly noCopy: boolean },
      ): { readonly meta: DicomDataset; readonly dict: DicomDataset };
    };
    readonly DicomMetaDictionary: {
      denaturalizeDataset(this: void, elements: Readonly<Record<string, unknown>>): DicomDataset;
    };
    readonly DicomDict: new (meta: DicomDataset) => { dict: DicomDataset; write(): ArrayBuffer };
  };
}

/** What a codec's module gives once it is loaded. */
type LoadCodec<Name extends string> = (
  options: import('./codec.ts').CodecOptions,
) => Promise<Readonly<Record<Name, new () => import('./codec.ts').CodecDecoder>>>;

declare module '@cornerstonejs/codec-charls/decodewasmjs' {
  const load: LoadCodec<'JpegLSDecoder'>;
  export = load;
}

declare module '@cornerstonejs/codec-openjpeg/decodewasmjs' {
  const load: LoadCodec<'J2KDecoder'>;
  export = load;
}

declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs' {
  const load: LoadCodec<'JPEGDecoder'>;
  export = load;
}

declare module 'jpeg-lossless-decoder-js' {
  export class Decoder {
    decompress(stream: ArrayBuffer): ArrayBuffer;
  }
}
