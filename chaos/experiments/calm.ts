import type { Experiment } from './experiment.ts';

/** No fault: what the fleet does when nothing goes wrong, and what a report says of no takeover. */
export const calm: Experiment = {
  name: 'calm',
  shows: 'a fleet at work with no fault at all: nobody takes over, because nobody has to',
  expects: 'every job takes effect exactly once, also those that are enqueued twice',
  schedule: () => [],
};
