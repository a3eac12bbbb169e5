/**
 * How long whoever reads for the lab waits for an answer, in ms: on a busy machine the lab itself stands
 * still for a second now and then, and that is no silence of the store.
 */
export const REPLY_LIMIT_MS = 5000;

/** What is left in the queue at the end. Undefined is what cannot be known of it. */
export interface QueueRest {
  /** Jobs by state. */
  readonly counts: Readonly<Record<string, number>>;
  /** Ids of payments that still wait for a worker. */
  readonly pendingJobs: readonly string[] | undefined;
  /** Ids of payments that were put aside. */
  readonly parkedJobs: readonly string[] | undefined;
  /** Account → cents. */
  readonly balances: Readonly<Record<string, number>> | undefined;
}

/** Looks into a queue. Methods reject when it does not answer. */
export interface QueueReader extends AsyncDisposable {
  /** How many jobs wait or are being worked on; undefined where that cannot be known. */
  outstanding(): Promise<number | undefined>;
  /** Ids of the payments that were put aside, as far as the queue knows. */
  parked(): Promise<readonly string[]>;
  /** Everything that the end of a run records of the queue. */
  rest(): Promise<QueueRest>;
}
