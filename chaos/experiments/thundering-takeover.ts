import type { Experiment } from './experiment.ts';
import { afterShare } from './moments.ts';

/** One leads, ten want to. */
export const thunderingTakeover: Experiment = {
  name: 'thundering-takeover',
  shows: 'ten standbys that all want the lease of a leader that dies, twice',
  expects: 'one of them gets it at once: contenders do not keep each other from a quorum',
  settings: { nodes: 11 },
  modes: ['active-passive'],
  schedule: ({ jobs }) => [
    afterShare(jobs, 0.3).kill('leader'),
    afterShare(jobs, 0.6).kill('leader'),
  ],
};
