import type { Experiment } from './experiment.ts';
import { afterShare } from './moments.ts';

const THROWING_SHARE = 0.25;
const DEADLY_SHARE = 0.5;
const KILL_SHARE = 0.15;
const RESPAWN_AFTER_MS = 300;

/** Jobs that no number of attempts gets done. */
export const poisonJob: Experiment = {
  name: 'poison-job',
  shows:
    'a job whose handler always throws, and one whose handler kills its process each time, in a fleet whose nodes are started again',
  expects:
    'both are parked and reported after their chances, and all other jobs take effect, also those in flight at each death',
  settings: (jobs) => {
    const [throwing, deadly] = [THROWING_SHARE, DEADLY_SHARE].map(
      (share) => jobs[Math.floor(jobs.length * share)]?.id,
    );
    return {
      poison: throwing === undefined ? [] : [throwing],
      // One job cannot be both.
      deadly: deadly === undefined || deadly === throwing ? [] : [deadly],
      respawnAfterMs: RESPAWN_AFTER_MS,
    };
  },
  schedule: ({ jobs }) => [afterShare(jobs, KILL_SHARE).kill('leader')],
};
