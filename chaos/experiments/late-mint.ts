import { onceLanded } from '../schedule/builders.ts';
import type { Experiment } from './experiment.ts';
import { afterShare } from './moments.ts';

/**
 * The race of L3. The standby wins the lease of a dead leader, but its request for an epoch is long
 * under way; the leader is back, leads under an epoch of its own, and then the late request arrives.
 */
export const lateMint: Experiment = {
  name: 'late-mint',
  shows:
    'a standby whose requests reach the ledger seconds late wins the lease, gives up waiting, and its request for an epoch arrives when another leads',
  expects: 'the late request changes nothing: the rightful leader goes on',
  modes: ['active-passive'],
  settings: { nodes: 2 },
  schedule: ({ jobs, ttlMs }) => [
    afterShare(jobs, 0.25).latency('standby', {
      // Late enough that on a busy machine, too, the old leader is back and leads before.
      for: 4.5 * ttlMs,
      delay: 3.5 * ttlMs,
      jitter: 0,
      redis: 'data',
      direction: 'to-redis',
    }),
    onceLanded().kill('leader', { restartAfter: '200ms' }),
  ],
};
