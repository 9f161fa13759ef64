// Types of the parts that tests use of codecs which can also encode.
interface FrameInfo {
  readonly width: number;
  readonly height: number;
  readonly bitsPerSample: number;
  readonly componentCount: number;
  readonly isSigned: boolean;
}

interface CodecEncoder {
  getDecodedBuffer(frame: FrameInfo): Uint8Array;
  encode(): void;
  getEncodedBuffer(): Uint8Array;
  delete(): void;
}

declare module '@cornerstonejs/codec-charls/wasmjs' {
  const load: () => Promise<{ readonly JpegLSEncoder: new () => CodecEncoder }>;
  export = load;
}

declare module '@cornerstonejs/codec-openjpeg/wasmjs' {
  const load: () => Promise<{
    readonly J2KEncoder: new () => CodecEncoder & { setDecompositions(levels: number): void };
  }>;
  export = load;
}
