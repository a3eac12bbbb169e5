import type { Experiment } from './experiment.ts';
import { afterShare } from './moments.ts';

const PAST_TTL_MS = 1500;

/** The zombie: a leader that stands still until it leads no more, and does not know it. */
export const pausePastTtl: Experiment = {
  name: 'pause-past-ttl',
  shows: 'a leader that stands still longer than its lease lasts, then wakes up believing in it',
  expects: 'the ledger refuses what the woken leader still wants to commit',
  schedule: ({ jobs, ttlMs }) => [
    afterShare(jobs, 0.3).pause('leader', { for: ttlMs + PAST_TTL_MS }),
  ],
};
