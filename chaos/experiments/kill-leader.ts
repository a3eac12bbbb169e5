import type { Experiment } from './experiment.ts';
import { afterShare } from './moments.ts';

/** A crash of the node that does the work, and then one of its successor. */
export const killLeader: Experiment = {
  name: 'kill-leader',
  shows: 'a leader that dies without a word, and later its successor: a standby takes over at once',
  expects: 'jobs in flight at the death take effect exactly once, by the survivors',
  schedule: ({ jobs }) => [
    afterShare(jobs, 0.3).kill('leader'),
    afterShare(jobs, 0.65).kill('leader'),
  ],
};
