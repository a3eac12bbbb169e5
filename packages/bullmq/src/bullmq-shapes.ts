/**
 * What is used of BullMQ's `Job`. Stated here, and not imported, so that the classes of BullMQ 5 and
 * of BullMQ 6 fit alike, and nothing of BullMQ is loaded beside the one that the caller has.
 */
export interface BullmqJob {
  id?: string | undefined;
  name: string;
  // As BullMQ declares it: what the queue holds is the enqueuer's promise.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  data: any;
  opts: { jobId?: string | undefined };
  /** Of a job that a job scheduler made: the scheduler's id. */
  repeatJobKey?: string | undefined;
  /** How often it was moved to active, this time included. */
  attemptsStarted: number;
  /** `<prefix>:<queue>`. */
  readonly queueQualifiedName: string;
  /** Moves it from active back to the head of the queue. Consumes no attempt. */
  moveToWait(token?: string): Promise<unknown>;
}

/** What is used of BullMQ's `Worker`. */
export interface BullmqWorker {
  /** The queue's name. */
  readonly name: string;
  /** Random; the first part of the token of every job that it fetches. */
  readonly id: string;
  readonly opts: { readonly autorun?: boolean | undefined; readonly prefix?: string | undefined };
  run(): Promise<void>;
  /** Fetches no more, and resolves when what is in flight is settled. */
  pause(): Promise<void>;
  resume(): void | Promise<void>;
  close(): Promise<void>;
  isRunning(): boolean;
  on(event: 'closing', listener: () => void): unknown;
}
