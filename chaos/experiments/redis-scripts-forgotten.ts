import type { Experiment } from './experiment.ts';
import { afterShare } from './moments.ts';

/** Scripts are a cache: whoever calls one by its hash must be ready to send it again. */
export const redisScriptsForgotten: Experiment = {
  name: 'redis-scripts-forgotten',
  shows:
    'the data Redis, and where there are lock nodes all of them, forget their scripts under the hands of the fleet',
  expects: 'scripts are sent again at once: no commit, no lease and no job notices',
  schedule: ({ mode, jobs }) => [
    afterShare(jobs, 0.25).forgetScripts('data'),
    ...(mode === 'active-passive'
      ? (['lock-1', 'lock-2', 'lock-3'] as const).map((lock) =>
          afterShare(jobs, 0.45).forgetScripts(lock),
        )
      : []),
    afterShare(jobs, 0.65).forgetScripts('data'),
  ],
};
