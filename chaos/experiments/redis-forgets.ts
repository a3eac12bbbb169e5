import type { Experiment } from './experiment.ts';
import { afterShare } from './moments.ts';

/** The control of `redis-restart`: the same, with a store that keeps nothing. */
export const redisForgets: Experiment = {
  name: 'redis-forgets',
  shows: 'the data Redis is started again without persistence: queue, ledger and epochs are gone',
  expects: 'the loss is found and laid at the door of the store; no worker can make up for it',
  mustRefute: 'lost: store forgot',
  settings: { persistence: 'none' },
  schedule: ({ jobs }) => [afterShare(jobs, 0.3).restart('data', { restartAfter: '300ms' })],
};
