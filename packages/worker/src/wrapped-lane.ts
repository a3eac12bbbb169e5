import type { Lane } from '@understudy/queue';

/** For parts that change something of a lane: `lane` with some of its operations replaced. */
export function wrappedLane(lane: Lane, replaced: Partial<Lane>): Lane {
  return {
    begin: (term) => lane.begin(term),
    fetch: (signal) => lane.fetch(signal),
    complete: (job, options) => lane.complete(job, options),
    handBack: (job) => lane.handBack(job),
    failAttempt: (job, error) => lane.failAttempt(job, error),
    park: (job, reason) => lane.park(job, reason),
    recover: () => lane.recover(),
    oldestOutstandingEnqueuedAtMs: () => lane.oldestOutstandingEnqueuedAtMs(),
    backlog: () => lane.backlog(),
    [Symbol.asyncDispose]: () => lane[Symbol.asyncDispose](),
    ...replaced,
  };
}
