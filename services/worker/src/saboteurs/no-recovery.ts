import { wrappedLane } from '@understudy/worker';
import type { Saboteur } from './saboteur.ts';

/**
 * R1, R2: nobody takes back what the dead held. BullMQ's own stalled check stays; it looks every
 * 30 s, and acts on what it saw twice. On the stream lane a new leader takes everything over before it
 * fetches, so that it is seen only where all nodes work.
 */
export const noRecovery: Saboteur = {
  parts: (own) => ({
    ...own,
    lane: (...given) =>
      wrappedLane(own.lane(...given), {
        recover: () => Promise.resolve({ taken: [], parked: [], absent: [] }),
      }),
  }),
};
