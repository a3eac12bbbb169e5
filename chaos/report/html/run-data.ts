/**
 * What the script of a report is given of a run. Moments are in tenths of a millisecond since the run
 * began, nodes, jobs and accounts are indexes of their lists; -1 is none.
 */
export interface RunData {
  /** What the run is called in this report. */
  readonly label: string;
  readonly endAt: number;
  readonly nodes: readonly string[];
  readonly states: readonly StateData[];
  readonly faults: readonly FaultData[];
  readonly takeovers: readonly TakeoverData[];
  readonly jobs: readonly string[];
  readonly accounts: readonly string[];
  readonly enqueues: Table<'job' | 'at' | 'took' | 'outcome' | 'copy'>;
  readonly attempts: Table<'job' | 'at' | 'node' | 'n'>;
  /** In ledger order. */
  readonly effects: Table<
    'job' | 'at' | 'node' | 'epoch' | 'position' | 'account' | 'cents' | 'final'
  >;
  /** What else is about a job: it was parked, its effect vanished. */
  readonly remarks: readonly { readonly job: number; readonly at: number; readonly text: string }[];
}

/** Columns of one length, each packed by `columns.ts`. */
export type Table<Name extends string> = { readonly rows: number } & {
  readonly [N in Name]: string;
};

/** A node changed its state. */
export interface StateData {
  readonly at: number;
  readonly node: number;
  readonly state: string;
  readonly epoch: number;
}

/** A fault that landed. */
export interface FaultData {
  readonly id: string;
  readonly fault: string;
  readonly target: string;
  /** -1 where a Redis server was hit. */
  readonly node: number;
  readonly from: number;
  /** The end of the run where it was never healed. */
  readonly until: number;
}

/** One node took over from another. */
export interface TakeoverData {
  readonly cause: string;
  readonly from: number;
  readonly to: number;
  /** When the fault was injected. */
  readonly began: number;
  /** When the successor's first effect was seen. */
  readonly at: number;
  readonly late: boolean;
}

/** How an enqueueing ended, by its index. */
export const ENQUEUE_OUTCOMES = ['ok', 'fail', 'info'] as const;
