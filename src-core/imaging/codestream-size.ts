// The size that a JPEG, JPEG-LS or JPEG 2000 stream states of itself, so that it can be checked before memory is taken for it.

/** Size, samples a pixel and bits a sample. */
export interface CodestreamSize {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  readonly bits: number;
}

const START_OF_IMAGE = 0xd8;
/** Frame headers: SOF0 to SOF15 without DHT, JPG and DAC, which share their range, and SOF55 of JPEG-LS. */
const FRAME_HEADERS = new Set([
  ...[0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf],
  0xf7,
]);

/** What a stream states; undefined where it is none of these, or ends before it says. */
export function statedSize(bytes: Uint8Array): CodestreamSize | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || bytes[0] !== 0xff) return undefined;
  return bytes[1] === START_OF_IMAGE ? sizeOfJpeg(view) : sizeOfJpeg2000(view);
}

function sizeOfJpeg(view: DataView): CodestreamSize | undefined {
  let at = 2;
  while (at + 10 <= view.byteLength) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (FRAME_HEADERS.has(marker)) {
      const [bits, components] = [view.getUint8(at + 4), view.getUint8(at + 9)];
      return { height: view.getUint16(at + 5), width: view.getUint16(at + 7), components, bits };
    }
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

/** SOC and SIZ: the image is the reference grid less its offset. */
function sizeOfJpeg2000(view: DataView): CodestreamSize | undefined {
  if (view.byteLength < 43 || view.getUint32(0) !== 0xff4fff51) return undefined;
  const [right, bottom, left, top] = [8, 12, 16, 20].map((at) => view.getUint32(at)) as [
    number,
    number,
    number,
    number,
  ]; // four offsets
  return {
    width: right - left,
    height: bottom - top,
    components: view.getUint16(40),
    bits: (view.getUint8(42) & 127) + 1,
  };
}

/**
 * A JPEG whose colours a decoder would take for luminance and chrominance, marked as red, green and blue (Adobe's APP14 marker,
 * transform 0). Streams that say what their colours are stay as they are.
 */
export function markAsRgb(jpeg: Uint8Array): Uint8Array {
  // JFIF (APP0) or Adobe (APP14) come first where they are there at all.
  if (jpeg[3] === 0xe0 || jpeg[3] === 0xee) return jpeg;
  const adobe = [0xff, 0xee, 0, 14, ...[65, 100, 111, 98, 101], 0, 100, 0, 0, 0, 0, 0];
  const marked = new Uint8Array(jpeg.length + adobe.length);
  marked.set(jpeg.subarray(0, 2));
  marked.set(adobe, 2);
  marked.set(jpeg.subarray(2), 2 + adobe.length);
  return marked;
}
