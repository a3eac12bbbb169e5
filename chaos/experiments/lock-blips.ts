import { onceHealed } from '../schedule/builders.ts';
import type { Experiment } from './experiment.ts';
import { afterShare } from './moments.ts';

/** Shorter than a lease, each by itself harmless: together they must not unseat the leader either. */
export const lockBlips: Experiment = {
  name: 'lock-blips',
  shows:
    'one lock node after the other is away for a moment and comes back empty, then one cuts all its connections',
  expects: 'the leader writes its lease anew and leads on: nobody steals it node by node (L8)',
  modes: ['active-passive'],
  // Early, so that work is left when the last one is back, also on a machine that is slow to start
  // a server.
  schedule: ({ jobs }) => [
    afterShare(jobs, 0.1).restart('lock-1', { restartAfter: '100ms' }),
    onceHealed('200ms').restart('lock-2', { restartAfter: '100ms' }),
    onceHealed('200ms').restart('lock-3', { restartAfter: '100ms' }),
    onceHealed('100ms').dropClients('lock-1'),
  ],
};
