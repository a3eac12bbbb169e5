import type { Experiment } from './experiment.ts';
import { afterShare } from './moments.ts';

const PAST_TTL_MS = 3000;

/** The lock nodes still hear the leader; the ledger does not, so it leads and does nothing (L10). */
export const leaderCutFromLedger: Experiment = {
  name: 'leader-cut-from-ledger',
  shows: 'a leader that reaches the lock nodes and not the ledger: it leads, and nothing is done',
  expects: 'it gives the lease up, and a node that reaches the ledger goes on',
  modes: ['active-passive'],
  schedule: ({ jobs, ttlMs }) => [
    afterShare(jobs, 0.3).partition('leader', { for: 2 * ttlMs + PAST_TTL_MS, redis: 'data' }),
  ],
};
