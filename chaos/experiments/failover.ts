import type { Experiment } from './experiment.ts';
import { afterShare } from './moments.ts';

const PAST_TTL_MS = 1000;

/** The schedule of `understudy compare`: the three ways in which a node stops leading. */
export const failover: Experiment = {
  name: 'failover',
  shows:
    'the leader is killed, the next one paused past its lease, a third one stopped in an orderly way, while jobs flow',
  expects: 'each time another node goes on, and every job takes effect exactly once',
  // Early enough, and back soon enough, that work is left when all are healed: also on a machine
  // that takes seconds to start a process.
  schedule: ({ jobs, ttlMs }) => [
    afterShare(jobs, 0.1).kill('leader'),
    afterShare(jobs, 0.3).pause('leader', { for: ttlMs + PAST_TTL_MS }),
    afterShare(jobs, 0.58).stop('leader', { restartAfter: '300ms' }),
  ],
};
