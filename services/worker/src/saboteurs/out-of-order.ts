import { sleep } from '@understudy/runtime';
import { wrappedLane } from '@understudy/worker';
import type { Saboteur } from './saboteur.ts';

/** One job in so many comes to its handler late, as any may that waits for another system. */
const ONE_IN = 4;
const LATE_MS = 40;

/**
 * Order: every job is taken for one that waits for no other, so that several of an account are in hand
 * at once. Which of them takes effect first is then a matter of how long each takes.
 */
export const outOfOrder: Saboteur = {
  parts: (own) => ({
    ...own,
    lane: (settings, definition, around, hooks) => {
      const keyless = { ...definition, orderKey: () => undefined };
      const lane = own.lane(settings, keyless, around, hooks);
      let fetched = 0;
      return wrappedLane(lane, {
        async fetch(signal) {
          const job = await lane.fetch(signal);
          fetched += 1;
          if (job && fetched % ONE_IN === 0) await sleep(around.timers, LATE_MS, signal);
          return job;
        },
        // The next one is fetched as every other is.
        complete: (job) => lane.complete(job, { fetchNext: false }),
      });
    },
  }),
};
