import type { Experiment } from './experiment.ts';
import { afterShare } from './moments.ts';

/** A store that is started anew and has forgotten nothing: first in order, then after a crash. */
export const redisRestart: Experiment = {
  name: 'redis-restart',
  shows:
    'the data Redis is shut down and started again, later it is killed and started again, with all that it had acknowledged',
  expects: 'the fleet stands still and goes on by itself; nothing is lost, nothing done twice',
  settings: { persistence: 'always' },
  schedule: ({ jobs }) => [
    afterShare(jobs, 0.25).restart('data', { restartAfter: '500ms' }),
    afterShare(jobs, 0.6).kill('data', { restartAfter: '500ms' }),
  ],
};
