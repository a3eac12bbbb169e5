import type { Measurement } from '../measurement.ts';
import { signalled } from './takeovers.ts';
import { unseenTakeover } from './unseen-takeover.ts';

/** SIGSTOP of a leader to its successor's first effect; then it is woken, and finds itself deposed. */
export const takeoverPause: Measurement = {
  name: 'takeover-pause',
  what: 'SIGSTOP of the leader → its successor’s first effect',
  byDefault: true,
  measure: (context) =>
    unseenTakeover(context, {
      label: 'SIGSTOP',
      strike: signalled('SIGSTOP'),
      async restore(fleet, old) {
        old.child.kill('SIGCONT');
        await fleet.until(() => old.state === 'passive' || old.state === 'down');
        if (old.state === 'down') fleet.startNode(old.id);
      },
    }),
};
