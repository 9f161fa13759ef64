// What names of image files tell.
import { withoutExtension } from './file-names.ts';

/** Pictures that are read. */
export const RASTER_NAME = /\.(?:png|jpe?g|tiff?|webp|gif|avif)$/i;

/** Names that this program gives to slices: a volume, perhaps its phase, and the slice. */
const OWN_SLICE = /^(.+?)(?:_series\d+)?(?:_(?:phase|frame)\d+)?_z\d+$/;

/** `patient001_frame01`, `p2_phase_3`: a recording and which of its frames. */
const FRAME_OF_RECORDING = /^(.+?)_(?:frame|phase)_?(\d+)$/;

/** The recording that a name without extension is a frame of, and the frame's number; undefined where it names none. */
export function frameOfName(name: string): { readonly recording: string; readonly frame: number } | undefined {
  const [, recording, frame] = FRAME_OF_RECORDING.exec(name) ?? [];
  return recording === undefined ? undefined : { recording, frame: Number(frame) };
}

/** The patient of a picture that this program has exported; undefined where the name is none of its own. */
export function ownPatient(path: string): string | undefined {
  return OWN_SLICE.exec(withoutExtension(path).split('/').pop() ?? '')?.[1];
}
