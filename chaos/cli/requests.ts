import { resolve } from 'node:path';
import type { Mode } from '@understudy/history';
import { isExperimentFile, readExperimentFile } from '../experiments/experiment-file.ts';
import { experimentNames, experimentsNamed } from '../experiments/index.ts';
import type { Experiment } from '../experiments/experiment.ts';
import type { Containers } from '../runner/containers.ts';
import type { EarlierRun } from '../runner/earlier-run.ts';
import type { RedisUrls } from '../runner/run-options.ts';
import { DEFAULT_SEED, everyTakeoverWithin, type RequestedSettings } from '../runner/settings.ts';
import type { PlannedStep } from '../schedule/step.ts';
import type { Subject } from '../subject/subject.ts';
import { firstJobs, readInput, SHIPPED_INPUT } from '../workload/input.ts';
import type { Payment } from '../workload/payment.ts';
import { unknownName } from './nearest.ts';
import { repeatCommand } from './repeat-words.ts';
import type { RunFlags } from './run-flags.ts';
import { UsageError } from './usage-error.ts';

/** One run that was asked for. */
export interface RunRequest {
  readonly experiment: Experiment;
  readonly settings: RequestedSettings;
  /** Steps planned before, in place of those of the experiment. */
  readonly steps?: readonly PlannedStep[];
  /** What is put on stage in place of this repository's worker. */
  readonly subject?: Subject;
  /** The run that is injected again. */
  readonly replayOf?: EarlierRun;
  /** The containers it is made on; absent: processes that the lab starts. */
  readonly containers?: Containers;
  /** The command that makes this run alone. */
  readonly repeat: string;
}

/** An experiment, and by what word the command line finds it again. */
interface Found {
  readonly experiment: Experiment;
  readonly word: string;
}

/** What a word stands for: a file of the user's own, seen from `cwd`, or a name. */
async function experimentsMeant(
  word: string,
  mode: Mode | undefined,
  cwd: string,
): Promise<readonly Found[]> {
  if (isExperimentFile(word)) {
    const path = resolve(cwd, word);
    return [{ experiment: await readExperimentFile(path), word: path }];
  }
  return namedExperiments(word, mode).map((experiment) => ({ experiment, word: experiment.name }));
}

/**
 * Finds what a name stands for. Of several parts those are left out that make no sense in the mode
 * asked for.
 * @throws {UsageError} with the nearest name
 */
function namedExperiments(name: string, mode: Mode | undefined): readonly Experiment[] {
  const found = experimentsNamed(name);
  if (found.length === 1) return found;
  if (found.length > 1) {
    return found.filter(({ modes }) => mode === undefined || (modes?.includes(mode) ?? true));
  }
  throw new UsageError(unknownName('experiment', name, experimentNames()));
}

/**
 * Every run that was asked for: each experiment in each of its modes with each seed. `words` are names
 * or files; the paths of these and of the input are seen from `cwd`.
 * @throws {UsageError} @throws {InvalidInput} @throws {UserModuleUnusable}
 */
export async function requestsOf(
  words: readonly string[],
  modesFor: (experiment: Experiment) => readonly Mode[],
  flags: RunFlags,
  cwd: string,
): Promise<readonly RunRequest[]> {
  const meant = await Promise.all(words.map((word) => experimentsMeant(word, flags.mode, cwd)));
  const jobs = await jobsOf(flags, cwd);
  const common = settingsOf(flags);
  return meant.flat().flatMap(({ experiment, word }) =>
    (flags.seed ?? [DEFAULT_SEED]).flatMap((seed) =>
      modesFor(experiment).flatMap((mode): RunRequest[] => {
        const repeat = repeatCommand({ experiment: word, mode, seed }, flags, cwd);
        const request = { experiment, settings: { ...common, seed, mode, jobs }, repeat };
        return Array.from({ length: flags.repeat ?? 1 }, () => request);
      }),
    ),
  );
}

const COORDINATED: readonly Mode[] = ['active-passive', 'active-active'];

/**
 * The modes in which `run` makes an experiment: the one asked for; else both coordinated ones, as far
 * as it makes sense there.
 * @throws {UsageError} when it makes no sense in the mode asked for
 */
export function modesOf({ name, modes }: Experiment, asked: Mode | undefined): readonly Mode[] {
  if (asked === undefined) return COORDINATED.filter((mode) => modes?.includes(mode) ?? true);
  if (modes && !modes.includes(asked)) {
    throw new UsageError(
      `${name} makes no sense in ${asked}: run it with --mode ${modes.join(' or --mode ')}`,
    );
  }
  return [asked];
}

/** The Redis servers to use; undefined: private ones. @throws {UsageError} */
export function redisOf(
  flags: Pick<RunFlags, 'redis' | 'lockRedis' | 'persistence'>,
): RedisUrls | undefined {
  if (flags.redis === undefined) {
    if (flags.lockRedis === undefined) return undefined;
    throw new UsageError('--lock-redis needs --redis, the Redis for queue and ledger');
  }
  if (flags.persistence !== undefined) {
    throw new UsageError(
      '--persistence is for the private Redis servers: that of --redis keeps what its own configuration says',
    );
  }
  return { dataUrl: flags.redis, lockUrls: flags.lockRedis ?? [flags.redis] };
}

/** The jobs of a run: the first of the input. @throws {UsageError} @throws {InvalidInput} */
export async function jobsOf(
  { input, jobs }: Pick<RunFlags, 'input' | 'jobs'>,
  cwd: string,
): Promise<readonly Payment[]> {
  const path = input === undefined ? SHIPPED_INPUT : resolve(cwd, input);
  return firstJobs(await readInput(path), jobs);
}

/** What was said of the settings, and nothing else: the defaults are the runner's. */
function settingsOf(flags: RunFlags): Partial<RequestedSettings> {
  const { nodes, rate, handlerMs, duplicates, ttlMs, concurrency, persistence, sabotage } = flags;
  const { lane, livenessBoundMs, takeoverLimitMs: limit } = flags;
  const proxies = flags.proxies === true ? 'always' : undefined;
  const said = {
    ...{ nodes, rate, handlerMs, duplicates, ttlMs, concurrency, persistence, sabotage },
    ...{ lane, livenessBoundMs },
    takeoverLimitMs: limit && everyTakeoverWithin(limit),
    proxies,
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}
