import type { Experiment } from './experiment.ts';
import { afterShare } from './moments.ts';

/** Crashes that do not ask who leads. */
export const killAny: Experiment = {
  name: 'kill-any',
  shows: 'nodes that die in any order, whether they lead, stand by or share the work',
  expects: 'the death of a standby changes nothing, that of a worker loses and repeats nothing',
  schedule: ({ jobs }) => [0.2, 0.45, 0.7].map((share) => afterShare(jobs, share).kill('any')),
};
