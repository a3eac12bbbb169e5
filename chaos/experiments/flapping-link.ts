import { onceHealed } from '../schedule/builders.ts';
import type { Experiment } from './experiment.ts';
import { afterShare } from './moments.ts';

const FLAPS = 4;

/** A line that comes and goes faster than anybody can make up his mind about it. */
export const flappingLink: Experiment = {
  name: 'flapping-link',
  shows: 'a leader whose line breaks and comes back in turns, with resets between short outages',
  expects: 'whoever leads in the end, nothing is lost and nothing is done twice',
  schedule: ({ jobs }) => [
    afterShare(jobs, 0.2).reset('leader'),
    ...Array.from({ length: FLAPS }, () => [
      onceHealed('200ms').partition('same', { for: '300ms' }),
      onceHealed('200ms').reset('same'),
    ]).flat(),
  ],
};
