// Small pictures of what a run makes of an image: the image under its CAM, its mask or its uncertainty.
import { BACKGROUND, IGNORE } from '../imaging/plane.ts';
import { blend, cividis, inferno } from './colours.ts';
import { Picture, type Colour } from './picture.ts';

/** A layer of a sample as it is kept: bytes, rows first. */
export interface SampleLayer {
  readonly kind: 'image' | 'cam' | 'mask' | 'truth' | 'uncertainty';
  readonly data: Uint8Array;
}

const IGNORED: Colour = [130, 130, 130];
const MASK_SHARE = 0.5;
/** A strong activation covers the image almost; a weak one leaves it to be seen. */
const LEAST_SHARE = 0.25;
const MORE_SHARE = 0.6;

/**
 * Draws a layer over the image.
 *
 * @param image - grey or RGB bytes
 * @param colours - of the classes, in their order
 */
export function samplePicture(
  { width, height, data }: { readonly width: number; readonly height: number; readonly data: Uint8Array },
  layer: SampleLayer,
  colours: readonly Colour[],
): Picture {
  const picture = new Picture(width, height, [0, 0, 0]);
  const channels = data.length / (width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const grey = data[i * channels]!;
      const under: Colour = channels === 1 ? [grey, grey, grey] : [grey, data[i * 3 + 1]!, data[i * 3 + 2]!];
      picture.set(x, y, layer.kind === 'image' ? under : over(under, layer.kind, layer.data[i]!, colours));
    }
  }
  return picture;
}

function over(
  under: Colour,
  kind: Exclude<SampleLayer['kind'], 'image'>,
  value: number,
  colours: readonly Colour[],
): Colour {
  switch (kind) {
    case 'mask':
    case 'truth':
      if (value === BACKGROUND) return under;
      return blend(under, value === IGNORE ? IGNORED : (colours[value - 1] ?? IGNORED), MASK_SHARE);
    case 'cam':
      return blend(under, inferno(value / 255), LEAST_SHARE + (MORE_SHARE * value) / 255);
    case 'uncertainty':
      return blend(under, cividis(value / 255), LEAST_SHARE + (MORE_SHARE * value) / 255);
  }
}
