import type { Experiment } from './experiment.ts';
import { afterShare } from './moments.ts';

/** Without a quorum nobody may lead, however healthy the nodes are. */
export const lockMajorityDown: Experiment = {
  name: 'lock-majority-down',
  shows:
    'two of three lock nodes are away for longer than a lease: the leader steps down, and nobody follows',
  expects: 'no job is done meanwhile and none twice; work goes on when a quorum is back',
  modes: ['active-passive'],
  schedule: ({ jobs, ttlMs }) =>
    (['lock-1', 'lock-2'] as const).map((lock) =>
      afterShare(jobs, 0.3).kill(lock, { restartAfter: ttlMs + 1000 }),
    ),
};
