import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type Experiment,
  firstJobs,
  type ForeignWorker,
  InvalidInput,
  type LabEvent,
  type Mode,
  parseInput,
  type Payment,
  readInput,
  type RedisUrls,
  type RequestedSettings,
  runExperiment,
  type RunResult,
  SHIPPED_INPUT,
  type Step,
  type Subject,
  type System,
} from 'understudy';
import { LabClosed, LabLeftOpen } from './errors.ts';
import { type FaultList, type RandomFaults, stepsOf } from './faults.ts';
import { type Lifetime, mustBeClosed } from './open-labs.ts';
import { JOBS_FILE } from './replay.ts';

/** What a lab is set up with; everything but the mode has the default of `understudy run`. */
export type LabOptions = LabSettings & (OwnFleet | ForeignFleet);

/** This repository's worker. */
interface OwnFleet {
  readonly mode: Mode;
  readonly worker?: undefined;
  readonly system?: undefined;
}

/** A fleet of somebody else's: a worker, or a system. */
type ForeignFleet = {
  /** Which checkers judge; nodes find it in `UNDERSTUDY_MODE`. Default `active-active`. */
  readonly mode?: Mode;
  /** It has a contract, or hooks, and none of this repository's lanes. */
  readonly lane?: undefined;
} & (
  | {
      /** The command of a worker in any language, or all there is to say of it. */
      readonly worker: ForeignWorker | ForeignWorker['command'];
      readonly system?: undefined;
    }
  | {
      /** Any queue and any sink, as `defineSystem` makes it. */
      readonly system: System;
      readonly worker?: undefined;
    }
);

/** What can be said of every fleet. */
export interface LabSettings extends Partial<Omit<RequestedSettings, 'mode' | 'jobs'>> {
  /** Redis servers of one's own. Default: private ones, started and ended with each run. */
  readonly redis?: RedisUrls;
  /** The directory whose `.understudy` keeps the runs. Default: the nearest from here upwards. */
  readonly root?: string;
  /**
   * Until when the lab must be closed: by the end of the `test` that makes it (of the file, where it is
   * made outside a test), or of the `file` although a test makes it, as a fixture of the file does.
   * Default `test`.
   */
  readonly lifetime?: Lifetime;
}

/** What a run is made of. Settings given here win over those of the lab. */
export interface RunRequest extends Partial<Omit<RequestedSettings, 'mode' | 'jobs'>> {
  /** Payments; a number: the first so many of those that come with the repository. */
  readonly jobs: number | readonly Payment[];
  /**
   * Faults in short: `['kill', { fault: 'pause', for: '3s' }]` after equal parts of the work, or
   * `{ perMinute: 30 }` as the seed has it. They come besides those of the schedule. Default: none.
   */
  readonly faults?: FaultList | RandomFaults;
  /** Faults and when they come. Default: none. */
  readonly schedule?: readonly Step[];
  /** Told of every operation and phase as it happens: for tests that act on what they see. */
  readonly onEvent?: (event: LabEvent) => void;
  /** Ends the run early; its result is then `interrupted`. */
  readonly signal?: AbortSignal;
}

/** Makes runs of one fleet. Disposing ends whatever run is still going on. */
export interface Lab extends AsyncDisposable {
  /**
   * Starts a fresh group of nodes, lets the jobs flow, injects the faults, ends the nodes and
   * judges what happened. A refuted run is a result, not an error.
   * @throws {UnderstudyError} when the run could not be made
   * @throws {LabClosed}
   */
  run(request: RunRequest): Promise<RunResult>;
}

/**
 * Sets up a lab: `await using lab = await startLab({ mode: 'active-passive', nodes: 3 })`.
 * Each run starts its own nodes and Redis servers at ports of their own and has a directory and a name
 * of its own, so that runs do not disturb each other, in one process or in several. In a test of vitest
 * a lab that is not closed is closed, and is an error of that test.
 *
 * With `worker` or `system` the nodes are somebody else's: `startLab({ worker: 'npm run worker' })`.
 * @throws {InvalidInput} when the shipped payments cannot be read
 */
export async function startLab(options: LabOptions): Promise<Lab> {
  const leftOpen = new LabLeftOpen(
    'a lab was left open, and has been closed: write `await using lab = await startLab(…)`, or `await lab[Symbol.asyncDispose]()` before the test (of a lab that is made outside a test: the file) is over',
  );
  const { redis, root = findRoot(process.cwd()), lifetime = 'test', ...rest } = options;
  const { worker, system, mode = 'active-active', ...settings } = rest;
  const subject = subjectOf(worker, system);
  const payments = await readInput(SHIPPED_INPUT);
  const disposed = new AbortController();
  const running = new Set<Promise<unknown>>();
  const close = async (): Promise<void> => {
    disposed.abort();
    await Promise.allSettled(running);
  };
  const closed = mustBeClosed({ leftOpen, close }, lifetime);
  return {
    async run({ jobs, faults = [], schedule = [], onEvent, signal, ...more }) {
      if (disposed.signal.aborted) {
        throw new LabClosed('the lab is closed, and makes no more runs: start another');
      }
      const own = typeof jobs === 'number' ? undefined : asReplayed(jobs);
      const run = runExperiment({
        experiment: experimentOf(faults, schedule),
        settings: {
          ...settings,
          ...more,
          mode,
          jobs: own ?? firstJobs(payments, jobs as number),
        },
        ...(subject ? { subject } : {}),
        root,
        signal: AbortSignal.any([disposed.signal, ...(signal ? [signal] : [])]),
        ...(redis ? { redis } : {}),
        ...(onEvent ? { onEvent } : {}),
      });
      running.add(run);
      try {
        const { result } = await run;
        if (own) writeFileSync(join(result.directory, JOBS_FILE), linesOf(own));
        return result;
      } finally {
        running.delete(run);
      }
    },
    async [Symbol.asyncDispose]() {
      await close();
      closed();
    },
  };
}

/** What takes the place of this repository's worker; its mistakes are told when a run is made. */
function subjectOf(worker: LabOptions['worker'], system: System | undefined): Subject | undefined {
  if (system !== undefined) return { system };
  if (worker === undefined) return undefined;
  const told = typeof worker === 'string' || !('command' in worker) ? { command: worker } : worker;
  return { worker: told };
}

/**
 * The jobs in the form in which a replay reads them again. A test may mean to enqueue what no input may
 * hold, such as a payment of less than nothing: that is left as it is, and cannot be replayed.
 */
function asReplayed(jobs: readonly Payment[]): readonly Payment[] {
  try {
    return parseInput(linesOf(jobs), 'jobs');
  } catch (error) {
    if (error instanceof InvalidInput) return jobs;
    throw error;
  }
}

function linesOf(jobs: readonly Payment[]): string {
  return jobs.map((job) => `${JSON.stringify(job)}\n`).join('');
}

function experimentOf(faults: FaultList | RandomFaults, schedule: readonly Step[]): Experiment {
  return {
    name: 'test',
    shows: 'faults written in a test',
    expects: 'what the test asserts',
    schedule: (context) => [...schedule, ...stepsOf(faults, context)],
  };
}

function findRoot(directory: string): string {
  if (existsSync(join(directory, '.understudy'))) return directory;
  const parent = dirname(directory);
  return parent === directory ? process.cwd() : findRoot(parent);
}
