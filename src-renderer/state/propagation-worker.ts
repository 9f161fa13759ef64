// Propagates labels on a thread of its own, so that the screen goes on meanwhile.
import type { GreyImage } from '../../src-core/imaging/motion.ts';
import type { LabelPlane } from '../../src-core/imaging/plane.ts';
import { propagatedLabels } from '../../src-core/labels/propagate.ts';

/** Labels, the image they were drawn on, and the images that follow. */
export interface PropagationTask {
  readonly plane: LabelPlane;
  readonly image: GreyImage;
  readonly following: readonly GreyImage[];
}

// Answers with the labels of each following image, in their order.
self.addEventListener('message', ({ data }: MessageEvent<PropagationTask>) => {
  for (const labels of propagatedLabels(data.plane, data.image, data.following)) self.postMessage(labels);
});
