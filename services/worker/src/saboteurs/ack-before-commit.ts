import { wrappedLane } from '@understudy/worker';
import type { Saboteur } from './saboteur.ts';

/**
 * C1, R1: a job is completed in the queue as soon as it is fetched, as consumers with automatic
 * acknowledgement do. From there to its commit it exists nowhere but in this process.
 */
export const ackBeforeCommit: Saboteur = {
  parts: (own) => ({
    ...own,
    lane: (...given) => {
      const lane = own.lane(...given);
      return wrappedLane(lane, {
        async fetch(signal) {
          const job = await lane.fetch(signal);
          if (job) await lane.complete(job, { fetchNext: false });
          return job;
        },
        complete: () => Promise.resolve({ status: 'completed' }),
      });
    },
  }),
};
