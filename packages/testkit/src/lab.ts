import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type Experiment,
  firstJobs,
  type LabEvent,
  type Mode,
  type Payment,
  readInput,
  type RedisUrls,
  type RequestedSettings,
  runExperiment,
  type RunResult,
  SHIPPED_INPUT,
  type Step,
} from 'understudy';

/** What a lab is set up with; everything but the mode has the default of `understudy run`. */
export interface LabOptions extends Partial<Omit<RequestedSettings, 'mode' | 'jobs'>> {
  readonly mode: Mode;
  /** Redis servers of one's own. Default: private ones, started and ended with each run. */
  readonly redis?: RedisUrls;
  /** The directory whose `.understudy` keeps the runs. Default: the nearest from here upwards. */
  readonly root?: string;
}

/** What a run is made of. Settings given here win over those of the lab. */
export interface RunRequest extends Partial<Omit<RequestedSettings, 'mode' | 'jobs'>> {
  /** Payments; a number: the first so many of those that come with the repository. */
  readonly jobs: number | readonly Payment[];
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
   */
  run(request: RunRequest): Promise<RunResult>;
}

/**
 * Sets up a lab: `await using lab = await startLab({ mode: 'active-passive', nodes: 3 })`.
 * Each run starts its own nodes and Redis servers, so runs do not disturb each other.
 * @throws {InvalidInput} when the shipped payments cannot be read
 */
export async function startLab(options: LabOptions): Promise<Lab> {
  const { mode, redis, root = findRoot(process.cwd()), ...settings } = options;
  const payments = await readInput(SHIPPED_INPUT);
  const disposed = new AbortController();
  const running = new Set<Promise<unknown>>();
  return {
    async run({ jobs, schedule = [], onEvent, signal, ...more }) {
      const run = runExperiment({
        experiment: experimentOf(schedule),
        settings: {
          ...settings,
          ...more,
          mode,
          jobs: typeof jobs === 'number' ? firstJobs(payments, jobs) : jobs,
        },
        root,
        signal: AbortSignal.any([disposed.signal, ...(signal ? [signal] : [])]),
        ...(redis ? { redis } : {}),
        ...(onEvent ? { onEvent } : {}),
      });
      running.add(run);
      try {
        return (await run).result;
      } finally {
        running.delete(run);
      }
    },
    async [Symbol.asyncDispose]() {
      disposed.abort();
      await Promise.allSettled(running);
    },
  };
}

function experimentOf(schedule: readonly Step[]): Experiment {
  return {
    name: 'test',
    shows: 'a schedule written in a test',
    expects: 'what the test asserts',
    schedule: () => schedule,
  };
}

function findRoot(directory: string): string {
  if (existsSync(join(directory, '.understudy'))) return directory;
  const parent = dirname(directory);
  return parent === directory ? process.cwd() : findRoot(parent);
}
