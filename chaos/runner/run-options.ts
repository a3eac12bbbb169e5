import type { Clock, NewId, Timers } from '@understudy/runtime';
import type { Experiment } from '../experiments/experiment.ts';
import type { RunResult } from '../report/result.ts';
import type { PlannedStep } from '../schedule/step.ts';
import type { Subject } from '../subject/subject.ts';
import type { Containers } from './containers.ts';
import type { EarlierRun } from './earlier-run.ts';
import type { LabEvent } from './events.ts';
import type { RequestedSettings } from './settings.ts';
import type { WatchRequest } from './watch-run.ts';

/** Redis servers of one's own, instead of the private ones the lab starts. */
export interface RedisUrls {
  /** Queue and ledger. Must be version 7 or newer and never evict. */
  readonly dataUrl: string;
  /** The lock nodes of the lease; may be the data Redis itself. Only active-passive uses them. */
  readonly lockUrls: readonly string[];
}

/** Options of `runExperiment`. */
export interface RunOptions {
  experiment: Experiment;
  settings: RequestedSettings;
  /**
   * What is put on stage in place of this repository's worker: a command, or a system with hooks of
   * its own.
   */
  subject?: Subject;
  /** The directory that holds `.understudy`, where runs are kept and setup puts a Redis. */
  root: string;
  /** Steps as they were planned before; they take the place of the experiment's schedule. */
  steps?: readonly PlannedStep[];
  /** The run that is injected again: the result says how faithfully that was done. */
  replayOf?: EarlierRun;
  /** The command that makes such a run again, for people; kept in history and result. */
  repeat?: string;
  /** Default: private servers, ended with the run. */
  redis?: RedisUrls;
  /** Attaches to this group of containers, in place of starting anything. */
  containers?: Containers;
  /** Told of every operation and phase as it happens. Must not throw. */
  onEvent?: (event: LabEvent) => void;
  /**
   * Called when the run was refuted, before its servers are ended; they end when it resolves. The
   * nodes have been stopped by then, because the read at the end must be the last word.
   */
  keep?: (kept: KeptFleet) => Promise<void>;
  /** Who is to see the metrics of the run's nodes and of the lab. Default: nobody. */
  watch?: WatchRequest;
  /** Interrupts the run: everything it started is ended, the history is kept. */
  signal?: AbortSignal;
  /** Where executables are looked up and what nodes inherit. Default `process.env`. */
  environment?: Readonly<Record<string, string | undefined>>;
  clock?: Clock;
  timers?: Timers;
  newId?: NewId;
}

/** What is left of a refuted fleet for somebody to look at. */
export interface KeptFleet {
  readonly result: RunResult;
  readonly directory: string;
  readonly redis: RedisUrls;
  /** What the keys of the run begin with. */
  readonly keyPrefix: string;
  /**
   * Starts the nodes again and waits until they are ready: new incarnations, without any fault.
   * They go on working, so the servers are no longer as they were judged.
   * @throws {NodeFailed}
   */
  startNodes(): Promise<readonly { readonly name: string; readonly pid: number }[]>;
}

/** What a run leaves: its directory, and what `result.json` in it says. */
export interface FinishedRun {
  readonly directory: string;
  readonly result: RunResult;
}

/**
 * The form of `runExperiment`. An interrupted run is a result, not an error.
 * @throws {UnderstudyError} when the run could not be made: a fault that cannot work here, a Redis
 *   that is not fit, a node that does not start, a directory that cannot be written
 */
export type RunExperiment = (options: RunOptions) => Promise<FinishedRun>;
