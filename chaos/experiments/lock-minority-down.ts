import type { Experiment } from './experiment.ts';
import { afterShare } from './moments.ts';

/** What a quorum is for: one lock node of three is no loss. */
export const lockMinorityDown: Experiment = {
  name: 'lock-minority-down',
  shows:
    'one of three lock nodes is killed and stays away for longer than a lease; the leader is killed meanwhile',
  expects: 'the leader leads on, and a standby takes over as fast as with three lock nodes',
  modes: ['active-passive'],
  schedule: ({ jobs, ttlMs }) => [
    afterShare(jobs, 0.25).kill('lock-1', { restartAfter: 2 * ttlMs }),
    afterShare(jobs, 0.45).kill('leader'),
  ],
};
