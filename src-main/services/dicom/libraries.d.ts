// Types of the parts used of libraries that bring none.

declare module 'dcmjs' {
  import type { DicomDataset } from '../../../src-core/imaging/dicom-elements.ts';

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
  };
}

declare module '@cornerstonejs/codec-charls/decodewasmjs' {
  import type { LoadCodec } from './codec.ts';
  const load: LoadCodec<'JpegLSDecoder'>;
  export = load;
}

declare module '@cornerstonejs/codec-openjpeg/decodewasmjs' {
  import type { LoadCodec } from './codec.ts';
  const load: LoadCodec<'J2KDecoder'>;
  export = load;
}

declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs' {
  import type { LoadCodec } from './codec.ts';
  const load: LoadCodec<'JPEGDecoder'>;
  export = load;
}

declare module 'jpeg-lossless-decoder-js' {
  export class Decoder {
    decompress(stream: ArrayBuffer): ArrayBuffer;
  }
}
