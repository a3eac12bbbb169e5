import type { Experiment } from './experiment.ts';
import { afterShare } from './moments.ts';

/** Every connection breaks at once, with answers under way. */
export const redisDropClients: Experiment = {
  name: 'redis-drop-clients',
  shows:
    'the data Redis, and where there are lock nodes one of them, cut every connection while jobs are being committed',
  expects: 'all connect again; commits whose answer was lost are asked again and stay single',
  schedule: ({ mode, jobs }) => [
    afterShare(jobs, 0.25).dropClients('data'),
    ...(mode === 'active-passive' ? [afterShare(jobs, 0.45).dropClients('lock-1')] : []),
    afterShare(jobs, 0.65).dropClients('data'),
  ],
};
