// One compressed frame of DICOM to samples. The codecs are WebAssembly: a hostile stream can end one, not this process.
import { refuse, isRefusal, type Refusal } from '../../../src-core/imaging/refusal.ts';

/** A codec's decoder; it lives in the codec's own memory until it is deleted. */
export interface CodecDecoder {
  getEncodedBuffer(length: number): Uint8Array;
  decode(): void;
  getDecodedBuffer(): Uint8Array;
  getFrameInfo(): {
    readonly width: number;
    readonly height: number;
    readonly bitsPerSample: number;
    readonly componentCount: number;
  };
  /** JPEG-LS: 0 where the components lie in planes of their own. */
  getInterleaveMode?(): number | { readonly value: number };
  delete(): void;
}

/** Where a codec prints to. */
export interface CodecOptions {
  readonly print: (text: string) => void;
  readonly printErr: (text: string) => void;
}

/** Samples of a decoded frame: interleaved, little-endian, one or two bytes each. */
export interface DecodedFrame {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  readonly sampleBytes: 1 | 2;
  readonly bytes: Uint8Array;
}

/** A codec that is loaded when it is first needed, and anew after a stream that broke it. */
export class Codec {
  private readonly load: () => Promise<new () => CodecDecoder>;
  private loaded: Promise<new () => CodecDecoder> | undefined;

  constructor(load: () => Promise<new () => CodecDecoder>) {
    this.load = load;
  }

  /** The samples of a frame, or why there are none. */
  async decode(bytes: Uint8Array): Promise<DecodedFrame | Refusal> {
    this.loaded ??= this.load();
    const Decoder = await this.loaded;
    const frame = attempt(Decoder, bytes);
    // What failed may have left the codec's memory in disorder.
    if (isRefusal(frame)) this.loaded = undefined;
    return frame;
  }
}

function attempt(Decoder: new () => CodecDecoder, bytes: Uint8Array): DecodedFrame | Refusal {
  try {
    const decoder = new Decoder();
    decoder.getEncodedBuffer(bytes.length).set(bytes);
    decoder.decode();
    const { width, height, bitsPerSample, componentCount } = decoder.getFrameInfo();
    const sampleBytes = bitsPerSample > 8 ? 2 : 1;
    // Copied: the codec's memory goes with the decoder.
    const samples = decoder.getDecodedBuffer().slice();
    const mode = decoder.getInterleaveMode?.();
    const inPlanes = componentCount > 1 && mode !== undefined && (typeof mode === 'number' ? mode : mode.value) === 0;
    decoder.delete();
    const pixels = width * height;
    if (samples.length !== pixels * componentCount * sampleBytes) {
      return refuse(`${pixels} pixels of ${componentCount} samples`, `${samples.length} bytes`);
    }
    const interleaved = inPlanes ? interleave(samples, pixels, componentCount, sampleBytes) : samples;
    return { width, height, components: componentCount, sampleBytes, bytes: interleaved };
  } catch (error) {
    // The codecs throw numbers, texts and errors; what they mean is the same.
    return refuse('an intact compressed frame', `one that cannot be decoded (${String(error).slice(0, 80)})`);
  }
}

function interleave(planes: Uint8Array, pixels: number, components: number, sampleBytes: number): Uint8Array {
  const result = new Uint8Array(planes.length);
  for (let component = 0; component < components; component += 1) {
    for (let pixel = 0; pixel < pixels; pixel += 1) {
      for (let byte = 0; byte < sampleBytes; byte += 1) {
        result[(pixel * components + component) * sampleBytes + byte] =
          planes[(component * pixels + pixel) * sampleBytes + byte]!;
      }
    }
  }
  return result;
}
