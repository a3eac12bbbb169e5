import type { HistoryHeader, Operation } from '@understudy/history';
import { modeLabel } from '../outcome.ts';
import type { FaultResult, RunResult } from '../result.ts';
import type { RunData } from './run-data.ts';
import type { Chronicle } from '../chronicle.ts';
import type { runRecorder } from './run-recorder.ts';

/**
 * What a report tells of a run besides its history: the result, as far as there is one. Of a history
 * that somebody else made, neither the experiment nor the versions are known, and its lane is any word.
 */
export type Told = Omit<
  RunResult,
  'schemaVersion' | 'directory' | 'experiment' | 'lane' | 'jobs' | 'versions' | 'faults'
> &
  Partial<Pick<RunResult, 'experiment' | 'jobs' | 'versions'>> & {
    readonly lane?: string;
    readonly faults: readonly (Omit<FaultResult, 'fault'> & { readonly fault: string })[];
  };

/** A run as the sections of a report are made from it. */
export interface ReportedRun {
  /** Unlike that of every other run in the report. */
  readonly label: string;
  /** An id for elements of the page, unlike every other. */
  readonly id: string;
  readonly told: Told;
  readonly chronicle: Chronicle;
  readonly data: RunData;
}

/** A run to be reported: the operations of its history and what they were judged to be. */
export interface RunToReport {
  readonly header: HistoryHeader;
  readonly operations: Iterable<readonly Operation[]>;
  readonly told: Told;
}

/** A run that is read: its recorder was given all operations. */
export type ReadRun = ReturnType<ReturnType<typeof runRecorder>['finish']> & {
  readonly told: Told;
};

/** Gives each run a name: its mode, where that tells the runs apart. */
export function labelled(runs: readonly ReadRun[]): ReportedRun[] {
  const modes = new Set(runs.map(({ told }) => told.mode));
  return runs.map(({ told, chronicle, dataFor }, index) => {
    const label = modes.size === runs.length ? modeLabel(told.mode) : told.run;
    return { label, id: `run-${index + 1}`, told, chronicle, data: dataFor(label, told) };
  });
}
