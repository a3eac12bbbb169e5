import type { Mode } from '@understudy/history';
import type { Persistence } from '@understudy/redis';
import { type Command, Option } from 'commander';
import type { SaboteurName } from '../audit/saboteurs.ts';
import type { Contract } from '../subject/foreign-worker.ts';
import type { Lane } from '../workload/lane.ts';
import {
  type Driver,
  driver,
  lane,
  mode,
  option,
  persistence,
  rate,
  redisUrl,
  redisUrls,
  sabotage,
  seeds,
  share,
  type Variable,
  wholeNumber,
  GREATEST_SEED,
} from './option-values.ts';
import { reporterOption, type Reporters } from './reporters.ts';
import { subjectOptions } from './subject-options.ts';

/** The options of a run, as commander gives them. What is absent has the run's own default. */
export interface RunFlags {
  readonly mode?: Mode;
  readonly lane?: Lane;
  readonly nodes?: number;
  readonly jobs?: number;
  readonly input?: string;
  readonly rate?: number | 'max';
  readonly handlerMs?: number;
  readonly duplicates?: number;
  readonly seed?: readonly number[];
  readonly repeat?: number;
  readonly keep?: boolean;
  readonly prometheus?: boolean;
  readonly serveMetrics?: number;
  readonly proxies?: boolean;
  readonly shrink?: boolean;
  readonly shrinkRepeat?: number;
  readonly ttlMs?: number;
  readonly concurrency?: number;
  readonly sabotage?: readonly SaboteurName[];
  readonly redis?: string;
  readonly lockRedis?: readonly string[];
  readonly persistence?: Persistence;
  readonly worker?: string;
  readonly contract?: Contract;
  readonly cwd?: string;
  readonly env?: readonly Variable[];
  readonly queue?: string;
  readonly prefix?: string;
  readonly system?: boolean;
  readonly config?: string;
  readonly livenessBoundMs?: number;
  readonly takeoverLimitMs?: number;
  readonly driver?: Driver;
  readonly project?: string;
  readonly group?: string;
  readonly reporter: Reporters;
  readonly quiet?: boolean;
}

/** As docker-compose.yml of this repository calls it. */
export const DEFAULT_PROJECT = 'understudy';

const MOST_NODES = 32;
const MOST_JOBS = 10_000_000;
const LONGEST_HANDLER_MS = 60_000;
const SHORTEST_TTL_MS = 200;
const LONGEST_TTL_MS = 60_000;
const MOST_CONCURRENCY = 1000;
const MOST_REPEATS = 1000;
const MOST_SHRINK_REPEATS = 100;
const GREATEST_PORT = 65_535;
const LONGEST_BOUND_MS = 600_000;

/** The pace of a node where nothing else is asked for. */
export interface Pace {
  /** The default of `--handler-ms`. */
  readonly handlerMs: number;
  /** The default of `--concurrency`. */
  readonly concurrency: number;
}

/** The runner's defaults, for the help text. */
export const RUN_PACE: Pace = { handlerMs: 5, concurrency: 10 };

/**
 * Slower than in a run of its own: so many jobs are in flight at any time that a paused node is
 * sure to hold some, which is what tells the coordinated fleets from the control. And more at
 * once, so that a node that works alone has twice the capacity that the default rate needs.
 */
export const COMPARE_PACE: Pace = { handlerMs: 20, concurrency: 20 };

/** In what `run` and `compare` differ. */
export interface Differences {
  /** Whether a range of seeds makes several runs, and a run may be made several times. */
  readonly seeds: boolean;
  /** Whether the mode can be chosen. */
  readonly modes: boolean;
  readonly pace: Pace;
}

/** Adds the options that `run` and `compare` share. */
export function withRunFlags(command: Command, differences: Differences): Command {
  const options = [
    ...(differences.modes
      ? [modeOption(), ...subjectOptions(), ...driverOptions(), sabotageOption()]
      : []),
    laneOption(LANE_OF_RUN),
    ...fleetOptions(differences),
    ...limitOptions(),
    ...workloadOptions(differences),
    ...redisOptions(),
    proxiesOption(),
    ...watchOptions(),
    ...reportOptions(),
  ];
  for (const each of options) command.addOption(each);
  return command;
}

/** Adds the options of `replay`: the rest is as it was. */
export function withReplayFlags(command: Command): Command {
  const options = [
    new Option('--roles', 'hit whoever has the role of the schedule now, not the node hit before'),
    option('--input <file>', 'the payments of the earlier run, if they were your own', String),
    repeatOption(),
    ...redisOptions(),
    ...reportOptions(),
  ];
  for (const each of options) command.addOption(each);
  return command;
}

function modeOption(): Option {
  const text =
    'how the nodes share the work: active-passive, active-active or uncoordinated (default: the first two, one run each; active-active for a worker of your own)';
  return option('--mode <mode>', text, mode);
}

const LANE_OF_RUN =
  "where this repository's worker finds its jobs: bullmq, or stream, which keeps order by account in active-passive (default: bullmq)";

/** The lane of a fleet of this repository's workers. */
export function laneOption(text: string): Option {
  return option('--lane <name>', text, lane);
}

function driverOptions(): Option[] {
  const where =
    'process: a fleet that the lab starts; docker: containers of a compose project that runs (default: process)';
  const group = 'of the containers: this group of workers (default: each group in turn)';
  return [
    option('--driver <name>', where, driver),
    projectOption(),
    option('--group <name>', group, String),
  ];
}

/** The compose project of a fleet in containers. */
export function projectOption(): Option {
  const text = `the compose project of the containers (default: ${DEFAULT_PROJECT})`;
  return option('--project <name>', text, String);
}

function sabotageOption(): Option {
  const text = 'take protections out of the worker: names from `understudy list`, with commas';
  return option('--sabotage <names>', text, sabotage);
}

function proxiesOption(): Option {
  const text =
    'put a proxy between each node and Redis though the schedule needs none, so that `understudy fault` can hit links';
  return new Option('--proxies', text);
}

function watchOptions(): Option[] {
  return [
    new Option(
      '--prometheus',
      'let a private Prometheus scrape the nodes, and hold what it shows against the history at the end',
    ),
    option(
      '--serve-metrics <port>',
      'offer the metrics of all nodes and of the lab at http://127.0.0.1:<port>/metrics',
      wholeNumber(1, GREATEST_PORT),
    ),
  ];
}

function fleetOptions({ pace }: Differences): Option[] {
  const ttl = wholeNumber(SHORTEST_TTL_MS, LONGEST_TTL_MS);
  const concurrency = wholeNumber(1, MOST_CONCURRENCY);
  const atOnce = `jobs in flight at one node (default: ${pace.concurrency})`;
  return [
    option('--nodes <n>', 'worker processes (default: 3)', wholeNumber(1, MOST_NODES)),
    option('--ttl-ms <ms>', 'time to live of the lease (default: 2000)', ttl),
    option('--concurrency <n>', atOnce, concurrency),
  ];
}

function limitOptions(): Option[] {
  const bound =
    'how long after the last heal every job must have taken effect (default: 10 s and the time for the work)';
  const takeover =
    'how long a takeover may last, whatever its cause (default: 500 after a kill, else the TTL and 1 s)';
  const limit = wholeNumber(1, LONGEST_BOUND_MS);
  return [
    option('--liveness-bound-ms <ms>', bound, limit),
    option('--takeover-limit-ms <ms>', takeover, limit),
  ];
}

function workloadOptions({ seeds: ranges, pace }: Differences): Option[] {
  const one = wholeNumber(0, GREATEST_SEED);
  const input =
    'payments, one JSON object a line: id, account, amountCents (default: the 5,000 that come with the repository)';
  const handler = `time a handler works on one job (default: ${pace.handlerMs})`;
  return [
    option('--input <file>', input, String),
    option(
      '--jobs <n>',
      'the first n lines of the input (default: all)',
      wholeNumber(1, MOST_JOBS),
    ),
    option('--rate <n>', 'jobs enqueued a second, or max (default: 400)', rate),
    option('--handler-ms <ms>', handler, wholeNumber(0, LONGEST_HANDLER_MS)),
    option(
      '--duplicates <share>',
      'share of the jobs that is enqueued twice (default: 0.01)',
      share,
    ),
    ranges
      ? option(
          '--seed <n>',
          'fixes schedule and workload; 1..5 makes five runs (default: 1)',
          seeds,
        )
      : option('--seed <n>', 'fixes schedule and workload (default: 1)', (text) => [one(text)]),
    ...(ranges ? [repeatOption(), keepOption(), ...shrinkOptions()] : []),
  ];
}

function repeatOption(): Option {
  const text =
    'make each run k times and say how often it was refuted: a seed does not fix how processes interleave (default: 1)';
  return option('--repeat <k>', text, wholeNumber(1, MOST_REPEATS));
}

function keepOption(): Option {
  const text =
    'when a run is refuted, wait before its Redis servers are ended, and say what to connect to: the nodes were stopped for the last read, Enter starts them again, Ctrl-C ends everything';
  return new Option('--keep', text);
}

function shrinkOptions(): Option[] {
  const shrink =
    'of a refuted run: leave out faults as long as the same kind of anomaly comes again, and keep the smallest schedule; this takes many runs';
  const times = 'how often each smaller schedule is run (default: 2)';
  return [
    new Option('--shrink', shrink),
    option('--shrink-repeat <k>', times, wholeNumber(1, MOST_SHRINK_REPEATS)),
  ];
}

function redisOptions(): Option[] {
  const data = 'a Redis of yours for queue and ledger (default: private servers)';
  const locks = 'Redis servers of yours for the lease, with commas (default: that of --redis)';
  const kept =
    'what the private data Redis keeps when it ends: none, everysec or always (default: everysec)';
  return [
    option('--redis <url>', data, redisUrl('--redis')),
    option('--lock-redis <urls>', locks, redisUrls('--lock-redis')),
    option('--persistence <name>', kept, persistence),
  ];
}

function reportOptions(): Option[] {
  return [
    reporterOption('in each run’s directory'),
    new Option('--quiet', 'no progress on standard error'),
  ];
}
