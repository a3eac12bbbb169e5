import type { Experiment } from './experiment.ts';
import { afterShare } from './moments.ts';

/** Nothing breaks; everything takes long, for some longer than for others. */
export const slowLink: Experiment = {
  name: 'slow-link',
  shows: 'a leader whose every request and answer takes some 30 ms longer, and then a thin line',
  expects: 'it is slow, and it goes on: nobody is deposed for being slow',
  schedule: ({ jobs }) => [
    afterShare(jobs, 0.2).latency('leader', { for: '3s', delay: '30ms', jitter: '20ms' }),
    afterShare(jobs, 0.6).bandwidth('leader', { for: '2s', bytesPerSecond: 100_000 }),
  ],
};
