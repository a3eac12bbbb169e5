/** What a run came to: a pass means *not refuted*, never *proved*. */
export type Status = 'pass' | 'fail' | 'inconclusive';

/** The checkers there are; one file each in this folder. */
export type CheckerName =
  'outcome' | 'fencing' | 'order' | 'conservation' | 'liveness' | 'steady' | 'landed';

/** One thing a checker found, good enough to look it up in the history. */
export interface Anomaly {
  /** What kind of finding it is, for example `duplicated`. */
  readonly kind: string;
  readonly job?: string;
  /** The job that `job` overtook, where that is what is wrong. */
  readonly overtaken?: string;
  readonly node?: string;
  /** Milliseconds since the run began. */
  readonly at?: number;
  /** A sentence for people. */
  readonly detail: string;
}

/** What one checker says of a run. */
export interface CheckerResult {
  readonly checker: CheckerName;
  readonly verdict: Status | 'not-applicable';
  /** What must hold, in plain words. */
  readonly expectation: string;
  /** The bound of the expectation: a number in its own unit (times in ms), or words. */
  readonly limit?: number | string;
  /** What was seen instead of, or in line with, the expectation. */
  readonly observed: string | number;
  /** Why the verdict is not `pass`. */
  readonly reason?: string;
  /** The kinds of anomaly that decided the verdict; absent where none did. */
  readonly decidedBy?: readonly string[];
  /** The first 20 of each kind. */
  readonly anomalies: readonly Anomaly[];
  /** How many there are of each kind. */
  readonly totals: Readonly<Record<string, number>>;
}

/** Work passing from a node that was hit to another incarnation. */
export interface Takeover {
  /** Id of the fault in the schedule. */
  readonly faultId?: string;
  /** The fault: `kill`, `stop`, `pause`. */
  readonly cause: string;
  readonly from: string;
  /** The successor: the same name as `from` when the node's next incarnation took over. */
  readonly to: string;
  /** From the moment that `takeovers.ts` defines for the cause to the effect at `at`. */
  readonly ms: number;
  readonly limitMs: number;
  /** When the successor's effect was seen, in milliseconds since the run began. */
  readonly at: number;
  /**
   * Why `ms` is not held against the limit: another fault or a restart of the store came between,
   * or no node was there to take over.
   */
  readonly excused?: string;
}

/** What became of the jobs. Each accepted job is in one of ok, lost, duplicated, unexpected,
 * pending, parked, undecided, or had an effect that vanished. */
export interface Counts {
  /** Jobs whose enqueueing was acknowledged. */
  readonly accepted: number;
  /** Entries of the effect log, vanished ones included. */
  readonly effects: number;
  /** Accepted jobs with exactly one effect. */
  readonly ok: number;
  /** Accepted jobs without an effect that are nowhere in the queue. */
  readonly lost: number;
  /** Of `lost`: those that a store which lost data accounts for. */
  readonly storeForgot: number;
  /** Jobs with more than one effect. */
  readonly duplicated: number;
  /** Jobs with an effect that were never enqueued, or whose enqueueing certainly failed. */
  readonly unexpected: number;
  /** Jobs whose enqueueing had an unknown outcome, with exactly one effect. */
  readonly recovered: number;
  /** Jobs without an effect that still wait in the queue. */
  readonly pending: number;
  /** Jobs without an effect that were put aside. */
  readonly parked: number;
  /** Of `parked`: those that were not declared poison. */
  readonly parkedUndeclared: number;
  /** Accepted jobs without an effect in a history without an `end`. */
  readonly undecided: number;
  /** Effects that are not the effect of the job they name. */
  readonly mismatched: number;
  /** Effects that were seen and are gone. */
  readonly vanished: number;
  /** Handler executions that nodes reported. */
  readonly attempts: number;
  /** Enqueues beyond the first of a job, done on purpose. */
  readonly duplicateEnqueues: number;
  /** Jobs whose effect came before that of a job enqueued earlier for the same account. */
  readonly inversions: number;
  /** Jobs with an effect whose place in the order of their account is known. */
  readonly compared: number;
  /** The first 100 of each. */
  readonly duplicatedJobs: readonly string[];
  readonly lostJobs: readonly string[];
  readonly unexpectedJobs: readonly string[];
  readonly parkedJobs: readonly string[];
  readonly pendingJobs: readonly string[];
}

/** What a history comes to. */
export interface Verdict {
  readonly status: Status;
  /** Why the status is not that of the checkers: the history is torn. */
  readonly reason?: string;
  readonly checkers: readonly CheckerResult[];
  readonly counts: Counts;
  readonly takeovers: readonly Takeover[];
}
