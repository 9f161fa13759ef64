import type { WebContents } from 'electron';

/** A page that ends this often within this time would end again. */
const OFTEN = 3;
const WITHIN_MS = 60_000;

/**
 * Brings a page back whose process has ended: it shows where it was, since its place stands in its address and work is saved
 * gesture by gesture. Where it keeps ending, asks before the next try.
 *
 * @param tryAgain - asked with the reason that Chromium gives, such as `crashed` or `oom`
 */
export function comeBack(
  contents: Pick<WebContents, 'on' | 'reload'>,
  tryAgain: (reason: string) => boolean,
  now: () => number = () => performance.now(),
): void {
  let ends: number[] = [];
  contents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    const at = now();
    ends = [...ends.filter((end) => at - end < WITHIN_MS), at];
    if (ends.length >= OFTEN) {
      if (!tryAgain(reason)) return;
      ends = [];
    }
    contents.reload();
  });
}
