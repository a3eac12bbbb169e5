import type { Experiment } from './experiment.ts';
import { afterShare } from './moments.ts';

const FIRST_SHARE = 0.15;
const LAST_SHARE = 0.75;

/** A deployment: every node is stopped once, one after the other. */
export const rollingStop: Experiment = {
  name: 'rolling-stop',
  shows: 'a deployment: each node in turn is asked to end, finishes what it holds, and comes back',
  expects: 'a node that leaves hands over what it leads and holds; nothing waits for a time-out',
  schedule: ({ jobs, nodes }) =>
    Array.from({ length: nodes }, (_, i) => {
      const share = FIRST_SHARE + ((LAST_SHARE - FIRST_SHARE) * i) / Math.max(1, nodes - 1);
      return afterShare(jobs, share).stop(`node-${i + 1}`);
    }),
};
