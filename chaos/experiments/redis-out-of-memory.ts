import type { Experiment } from './experiment.ts';
import { afterShare } from './moments.ts';

/** A full store: it refuses what it cannot hold, and says so. */
export const redisOutOfMemory: Experiment = {
  name: 'redis-out-of-memory',
  shows:
    'the data Redis is full for a second and a half: enqueues, commits and lock renewals are refused',
  expects:
    'what was refused did not happen, what was accepted takes effect once when there is room again',
  schedule: ({ jobs }) => [afterShare(jobs, 0.15).outOfMemory('data', { for: '1500ms' })],
};
