import type { HistoryHeader, Operation } from '@understudy/history';
import type { Findings } from './findings.ts';
import type { Inversions } from './inversions.ts';
import type { JobTable } from './job-table.ts';
import type { TakeoverFold } from './takeovers.ts';
import type { CheckerName } from './verdict.ts';

/**
 * What several checkers look at: folds over the same operations. Each has seen an operation before
 * the checkers are given it, and everything by the time they finish.
 */
export interface Views {
  readonly header: HistoryHeader;
  readonly jobs: JobTable;
  readonly takeovers: TakeoverFold;
  readonly inversions: Inversions;
}

/** One pass of a checker over a history. */
export interface CheckerRun {
  /** Takes the next operation; `job` is the index in `views.jobs` of the job it names, or -1. */
  step(operation: Operation, job: number): void;
  /** After the last operation. The verdict is that of the worst finding. */
  finish(): CheckerFinding;
}

/** What a pass found. */
export interface CheckerFinding {
  readonly findings: Findings;
  readonly observed: string | number;
  readonly limit?: number | string;
  /** Why, after all, the property was not promised: only the whole history could tell. */
  readonly notApplicable?: string;
}

/** A property of histories, and how to refute it. Pure: it reads operations and nothing else. */
export interface Checker {
  readonly name: CheckerName;
  /** What must hold, in plain words. */
  readonly expectation: string;
  /** Whether the property is promised in this run; if not, why not. */
  applies(header: HistoryHeader): true | string;
  start(views: Views): CheckerRun;
}
