import type { Experiment } from './experiment.ts';
import { afterShare } from './moments.ts';

const PAST_TTL_MS = 1500;

/** The leader is alive, works, and reaches nobody; what it sent meanwhile arrives at the end. */
export const partitionLeader: Experiment = {
  name: 'partition-leader',
  shows:
    'a leader whose line to every Redis is dead for longer than its lease, and delivers late what was sent meanwhile',
  expects: 'another node leads in time, and the late commits of the old one are refused or known',
  schedule: ({ jobs, ttlMs }) => [
    afterShare(jobs, 0.3).partition('leader', { for: ttlMs + PAST_TTL_MS }),
  ],
};
