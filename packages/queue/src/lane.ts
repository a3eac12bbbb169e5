/** A job in hand: leased to this incarnation until it is completed, handed back, failed or lost. */
export interface FetchedJob {
  /** The caller's id: the payload's `id`. */
  readonly id: string;
  /** The queue's own id; two copies of one job have different ones. */
  readonly queueId: string;
  readonly data: Record<string, unknown> & { id: string };
  /** Digest of `data` that does not depend on the order of its fields. */
  readonly digest: string;
  /** How often it was fetched, this time included. */
  readonly attempt: number;
  /** How often it was taken back from an incarnation that had died (R3). */
  readonly recoveries: number;
  /** It was in flight at several deaths: nothing else runs in this process meanwhile (R3). */
  readonly alone: boolean;
}

/** A job that was taken back. */
export interface TakenJob {
  readonly queueId: string;
  /** Whose it was; `''` when that is not known any more. */
  readonly incarnation: string;
}

/** What one call of `recover` found and did. */
export interface Recovery {
  /**
   * Put back to the head of the queue, in the order they had been fetched in. Those that are given
   * up are among them: the lane that fetches one parks it and reports it (R3).
   */
  readonly taken: readonly TakenJob[];
  /** Queue ids of what was moved to the failed set at once: nothing that could be fetched. */
  readonly parked: readonly string[];
  /** Incarnations that are absent and not forgotten yet. */
  readonly absent: readonly string[];
}

/** How telling the queue that a job is done ended. */
export type Told = 'completed' | 'lost';

/** What came of completing a job, and the next one, if it came along. */
export type Completion = { readonly next?: FetchedJob } & (
  | { readonly status: Told }
  /** The queue is still being told; `told` resolves with how that ended. */
  | { readonly status: 'under-way'; readonly told: Promise<Told> }
);

/** What is in a queue, at one moment. */
export interface Backlog {
  /** How many jobs: to be fetched, in hand, to be tried later, given up. */
  readonly jobs: Readonly<Record<'waiting' | 'active' | 'delayed' | 'parked', number>>;
  /** How long ago the job was enqueued whose turn comes next, in ms; `null` for none. */
  readonly nextWaitingAgeMs: number | null;
}

/** Under what a lane works from now on: the term of a leader, or the life of a node without one. */
export interface LaneTerm {
  /** By what the store knows the term; `null` where nobody leads. */
  readonly token: { readonly epoch: number; readonly term: string } | null;
  /** Aborts when nothing more may be fetched under it; what is in hand is still to be settled. */
  readonly signal: AbortSignal;
}

/**
 * A queue as a worker sees it. `lost` always means: the lease on the job had gone over to
 * somebody else (or nobody), and nothing was changed. No method but `fetch` and `recover` rejects
 * for trouble with Redis: they wait until it answers or the lane is disposed of, which is `lost`.
 */
export interface Lane extends AsyncDisposable {
  /**
   * Begins to work under `term`, which comes before the first `fetch` and at every election. Jobs
   * that were fetched under another stay what they are, and are settled as theirs.
   */
  begin(term: LaneTerm): void;
  /**
   * Waits for the next job; `undefined` when `signal` aborts. Many calls may wait at once. What
   * cannot be a job (no JSON object, no id) is parked by the lane itself and never returned.
   */
  fetch(signal: AbortSignal): Promise<FetchedJob | undefined>;
  /**
   * The job is done. With `fetchNext` the next one comes in the same trip when there is one; a lane that
   * has it at hand need not wait with it until the queue knows of this one.
   */
  complete(job: FetchedJob, options: { fetchNext: boolean }): Promise<Completion>;
  /** C4: puts the job back to the head of the queue without consuming an attempt. */
  handBack(job: FetchedJob): Promise<'returned' | 'lost'>;
  /** Its handler threw: consumes an attempt; parked when it was the last one. */
  failAttempt(job: FetchedJob, error: unknown): Promise<'retry' | 'parked' | 'lost'>;
  /** Gives the job up: it stays in the queue's failed set with `reason`. */
  park(job: FetchedJob, reason: string): Promise<'parked' | 'lost'>;
  /**
   * R1: takes back the jobs of absent incarnations, in one script. Cheap when nothing happened;
   * meant to be called again and again, by every survivor.
   */
  recover(): Promise<Recovery>;
  /** When the oldest job that may still be delivered was enqueued, in ms; `null` for none. */
  oldestOutstandingEnqueuedAtMs(): Promise<number | null>;
  /**
   * What is in the queue, for whoever watches it. Costs the same however much it is. In trouble with
   * Redis it waits: ask again when it has answered, and not before.
   */
  backlog(): Promise<Backlog>;
}

/** This incarnation's presence on the data Redis. Disposing of it withdraws it. */
export interface IncarnationPresence extends AsyncDisposable {
  readonly incarnation: string;
}

/** Puts jobs into a queue. */
export interface Producer extends AsyncDisposable {
  /** Resolves when the queue has acknowledged the job. @throws what the lane's producer says */
  enqueue(data: Record<string, unknown> & { id: string }): Promise<void>;
}
