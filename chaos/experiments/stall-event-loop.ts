import { onceHealed } from '../schedule/builders.ts';
import type { Experiment } from './experiment.ts';
import { afterShare } from './moments.ts';

const SHORT_MS = 250;
const PAST_TTL_MS = 1000;

/** A process that runs and does nothing: the system, its sockets and its supervisor see no fault. */
export const stallEventLoop: Experiment = {
  name: 'stall-event-loop',
  shows:
    'a leader whose event loop is blocked, first for a moment, then busily for longer than its lease lasts',
  expects:
    'a short stall costs no more than itself; after a long one the ledger refuses what the leader still wants to commit',
  schedule: ({ jobs, ttlMs }) => [
    afterShare(jobs, 0.2).stall('leader', { for: SHORT_MS }),
    onceHealed().stall('leader', { for: ttlMs + PAST_TTL_MS, spin: true }),
  ],
};
