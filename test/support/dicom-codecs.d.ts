// Types of the encoders that come with the codecs, for tests.

/** A codec's encoder; it lives in the codec's own memory until it is deleted. */
interface DicomEncoder {
  getDecodedBuffer(frame: {
    readonly width: number;
    readonly height: number;
    readonly bitsPerSample: number;
    readonly componentCount: number;
    readonly isSigned: boolean;
  }): Uint8Array;
  setQuality?(lossless: boolean, quality: number): void;
  setDecompositions?(levels: number): void;
  setNearLossless?(steps: number): void;
  encode(): void;
  getEncodedBuffer(): Uint8Array;
  delete(): void;
}

type LoadDicomEncoder<Name extends string> = (options: {
  readonly print: () => void;
}) => Promise<Readonly<Record<Name, new () => DicomEncoder>>>;

declare module '@cornerstonejs/codec-charls/wasmjs' {
  const load: LoadDicomEncoder<'JpegLSEncoder'>;
  export = load;
}

declare module '@cornerstonejs/codec-openjpeg/wasmjs' {
  const load: LoadDicomEncoder<'J2KEncoder'>;
  export = load;
}
