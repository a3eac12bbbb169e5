/** Where this repository's worker finds its jobs, as it is told in `UNDERSTUDY_LANE`. */
export const LANES = ['bullmq', 'stream'] as const;

/** A queue implementation: a queue of BullMQ, or a stream of Redis. */
export type Lane = (typeof LANES)[number];
