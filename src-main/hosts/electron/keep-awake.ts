import type { PowerSaveBlocker } from 'electron';
import type { EventName, Events } from '../../../src-core/contract/contract.ts';

/** Keeps the machine from sleeping while a job runs. Gives a listener for the studio's events. */
export function keepAwake(
  blocker: Pick<PowerSaveBlocker, 'start' | 'stop'>,
): <Name extends EventName>(event: Name, data: Events[Name]) => void {
  const running = new Set<string>();
  let held: number | undefined;
  return (event, data) => {
    if (event !== 'job') return;
    const { id, state } = data as Events['job']; // the event says so
    if (state === 'running') running.add(id);
    else running.delete(id);
    if (running.size > 0) held ??= blocker.start('prevent-app-suspension');
    else if (held !== undefined) {
      blocker.stop(held);
      held = undefined;
    }
  };
}
