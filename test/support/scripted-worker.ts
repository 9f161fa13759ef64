// A worker process that does what an order's engine name says, to see how processes end. Tests fork it.
import type { WorkerOrder } from '../../src-main/worker/port.ts';

export type Script = 'echo' | 'complain and leave' | 'wait';

process.on('message', (order: WorkerOrder) => {
  if (order.kind === 'stop') process.send?.({ kind: 'done', result: 'stopped' });
  else if (order.kind === 'begin' && order.task === 'probe') follow(order.params.engine as Script); // tests name scripts
});
process.on('disconnect', () => process.exit(1));

function follow(script: Script): void {
  switch (script) {
    case 'echo':
      process.send?.({ kind: 'news', news: Float32Array.of(1, 2, 3) });
      process.send?.({ kind: 'done', result: null });
      return;
    case 'complain and leave':
      process.stderr.write('first\nterminate called: std::bad_alloc\n', () => process.exit(3));
      return;
    case 'wait':
      process.send?.({ kind: 'news', news: 'waiting' });
  }
}
