/** Exit code of a process that Ctrl-C ended, by convention. */
export const INTERRUPTED = 130;

/**
 * Runs work that Ctrl-C may end: the first one aborts the signal and lets the work clean up or save, a second one ends
 * the process at once.
 *
 * @param farewell - what the person reads once the work has stopped
 */
export async function interruptible<T>(farewell: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const onInterrupt = (): void => {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    controller.abort();
    process.stderr.write('\nStopping; press Ctrl-C again to end at once.\n');
  };
  process.on('SIGINT', onInterrupt);
  try {
    return await work(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    process.stderr.write(`${farewell}\n`);
    process.exit(INTERRUPTED);
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}
