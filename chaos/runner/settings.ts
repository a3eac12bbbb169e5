import type { Mode } from '@understudy/history';
import type { Persistence } from '@understudy/redis';
import { z } from 'zod';
import { idleSaboteurs, saboteurNames } from '../audit/saboteurs.ts';
import { InvalidSettings } from '../errors.ts';
import { FAULT_NAMES } from '../schedule/step.ts';
import { type Lane, LANES } from '../workload/lane.ts';
import type { Payment } from '../workload/payment.ts';
import { OWN_WORKER_COMMAND } from './own-worker.ts';

/** How a worker that is not this repository's is handed its jobs and started. */
export interface ForeignContract {
  /** `bullmq`, `stream`: where the jobs are; `system`: wherever its own hooks put them. */
  contract: 'bullmq' | 'stream' | 'system';
  /** The directory the nodes are started in. Default: where the lab was. */
  cwd?: string;
  /** What nodes find in `UNDERSTUDY_QUEUE`. Default `payments`. */
  queue?: string;
  /** What nodes find in `UNDERSTUDY_PREFIX`. Default: one that only this run has. */
  prefix?: string;
  /** The file that the system was loaded from. */
  config?: string;
}

/** Everything about a run that is not its schedule. Written to `schedule.json`, jobs excepted. */
export interface RunSettings {
  mode: Mode;
  /**
   * Where this repository's worker finds its jobs. Default `bullmq`. That of somebody else's is its
   * contract; see `laneOf`.
   */
  lane: Lane;
  /** How many worker processes. Default 3. */
  nodes: number;
  /** The workload, in the order it is enqueued. */
  jobs: readonly Payment[];
  /** Jobs enqueued a second, or `max`: as fast as Redis takes them. Default 400. */
  rate: number | 'max';
  /** How long a handler works on one job, in ms. Default 5. */
  handlerMs: number;
  /** Share of the jobs that is enqueued twice, from 0 to 1. Default 0.01. */
  duplicates: number;
  /** Fixes schedule and workload, not the interleaving of processes. Default 1. */
  seed: number;
  /** Time to live of the lease, in ms. Default 2000. */
  ttlMs: number;
  /** How often a standby looks at the lease, in ms. Default 10. */
  pollMs: number;
  /** Whether presence is used; `false` leaves the TTL alone. Default true. */
  presence: boolean;
  /** How long the queue's lock on a fetched job lasts, in ms. Default 3000. */
  lockDurationMs: number;
  /** Jobs in flight at one node. Default 10. */
  concurrency: number;
  /**
   * What the lab's own data Redis keeps when its process ends: `none` nothing, `everysec` all but
   * the last second or so, `always` whatever it acknowledged. Default `everysec`.
   */
  persistence: Persistence;
  /** Protections taken out of the fleet, by the names of their saboteurs. Default none. */
  sabotage: readonly string[];
  /** Ids of jobs whose handler always throws; they are expected to be parked. Default none. */
  poison: readonly string[];
  /**
   * Ids of jobs whose handler kills its process, each time; they are expected to be parked. Default
   * none.
   */
  deadly: readonly string[];
  /**
   * How long after its end a node that no fault has in its hands is started again, as an orchestrator
   * would, in ms. Default `never`.
   */
  respawnAfterMs: number | 'never';
  /**
   * Whether each node reaches Redis through a proxy of its own: `as-needed`, when the schedule holds
   * a fault on a link, or `always`, to compare such a run with one without. Default `as-needed`.
   */
  proxies: 'as-needed' | 'always';
  /** The command of a node: executable and arguments. Default: the lab's own worker. */
  workerCommand: readonly string[];
  /** For a worker of somebody else's: how it is put on stage. Default: it is this repository's. */
  foreign?: ForeignContract;
  /** More environment for the nodes; the lab's own variables win. Default none. */
  environment: Readonly<Record<string, string>>;
  /** How long after the last heal every accepted job must have taken effect, in ms. */
  livenessBoundMs: number;
  /** How long a takeover may last, by the fault that caused it, in ms. */
  takeoverLimitMs: Readonly<Record<'kill' | 'stop' | 'pause' | 'crash-at', number>>;
}

/** What a caller must say; everything else has a default. */
export type RequestedSettings = Partial<RunSettings> & Pick<RunSettings, 'mode' | 'jobs'>;

/** What an experiment needs to be so; it may speak of the jobs. */
export type NeededSettings =
  Partial<RunSettings> | ((jobs: readonly Payment[]) => Partial<RunSettings>);

/** A crash is seen by presence, at once; everything else may take until the lease expires. */
const KILL_TAKEOVER_LIMIT_MS = 500;
const TAKEOVER_MARGIN_MS = 1000;
const LIVENESS_BASE_MS = 10_000;

/** The seed of a run for which none is given. */
export const DEFAULT_SEED = 1;

/** The one place of all defaults. What is left out, or undefined, is filled in. */
export function completeSettings(requested: RequestedSettings): RunSettings {
  const settings = {
    lane: 'bullmq',
    nodes: 3,
    rate: 400,
    handlerMs: 5,
    duplicates: 0.01,
    seed: DEFAULT_SEED,
    ttlMs: 2000,
    pollMs: 10,
    presence: true,
    lockDurationMs: 3000,
    concurrency: 10,
    persistence: 'everysec',
    sabotage: [],
    poison: [],
    deadly: [],
    respawnAfterMs: 'never' as const,
    proxies: 'as-needed',
    workerCommand: OWN_WORKER_COMMAND,
    environment: {},
    ...given(requested),
  } satisfies Omit<RunSettings, 'livenessBoundMs' | 'takeoverLimitMs'>;
  // One node at full concurrency must be able to work off everything within the bound.
  const workMs = Math.ceil(longestQueue(settings) * settings.handlerMs);
  const { livenessBoundMs = LIVENESS_BASE_MS + workMs } = requested;
  return {
    livenessBoundMs,
    takeoverLimitMs: takeoverLimits(settings, livenessBoundMs),
    ...settings,
  };
}

/**
 * How many jobs must be done one after the other: where order is kept those of one account are, however
 * many others could be done at the same time.
 */
function longestQueue({
  jobs,
  concurrency,
  ...settings
}: Pick<RunSettings, 'jobs' | 'concurrency' | 'foreign' | 'lane' | 'mode'>): number {
  const atOnce = jobs.length / concurrency;
  if (!isOrdered(settings)) return atOnce;
  const ofAccounts = Map.groupBy(jobs, ({ account }) => account).values();
  return [...ofAccounts].reduce((most, own) => Math.max(most, own.length), atOnce);
}

/** A foreign worker has promised nothing of takeovers but that its jobs are done in time. */
function takeoverLimits(
  { ttlMs, presence, foreign }: Pick<RunSettings, 'ttlMs' | 'presence' | 'foreign'>,
  boundMs: number,
): RunSettings['takeoverLimitMs'] {
  if (foreign) return everyTakeoverWithin(boundMs);
  const expiryMs = ttlMs + TAKEOVER_MARGIN_MS;
  const crashMs = presence ? KILL_TAKEOVER_LIMIT_MS : expiryMs;
  return { kill: crashMs, 'crash-at': crashMs, stop: expiryMs, pause: expiryMs };
}

/** One limit for every takeover, whatever fault has caused it. */
export function everyTakeoverWithin(limitMs: number): RunSettings['takeoverLimitMs'] {
  const limits = Object.fromEntries(FAULT_NAMES.map((fault) => [fault, limitMs]));
  return limits as Record<(typeof FAULT_NAMES)[number], number>;
}

/**
 * The settings of a run of an experiment: what the user says, else what the experiment needs, else
 * the default.
 * @throws {InvalidSettings} when one is out of range; every one that is is named
 */
export function settingsFor(
  experiment: { readonly settings?: NeededSettings },
  requested: RequestedSettings,
): RunSettings {
  const needed = experiment.settings ?? {};
  const own = typeof needed === 'function' ? needed(requested.jobs) : needed;
  const settings = completeSettings({ ...given(own), ...given(requested) });
  const checked = form.safeParse(settings);
  if (!checked.success) {
    const faults = checked.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new InvalidSettings(`the run cannot be made as asked: ${faults.join('; ')}`);
  }
  const [idle] = idleSaboteurs(settings.sabotage, settings.lane);
  if (idle) {
    throw new InvalidSettings(
      `the run cannot be made as asked: sabotage: ${idle.name} takes away what the ${settings.lane} lane does not promise. Say --lane ${idle.lane}`,
    );
  }
  const ids = new Set(settings.jobs.map(({ id }) => id));
  if (ids.size < settings.jobs.length) {
    throw new InvalidSettings('the run cannot be made as asked: jobs: ids must be unique');
  }
  return settings;
}

/** Where the jobs of a run are: the contract of a foreign worker, else the lane of ours. */
export function laneOf({
  foreign,
  lane,
}: Pick<RunSettings, 'foreign' | 'lane'>): ForeignContract['contract'] {
  return foreign?.contract ?? lane;
}

/**
 * Whether jobs of one account must take effect in the order of their enqueueing: this repository's
 * worker promises it where one node works, on a lane that has an order.
 */
export function isOrdered({
  foreign,
  lane,
  mode,
}: Pick<RunSettings, 'foreign' | 'lane' | 'mode'>): boolean {
  return !foreign && lane === 'stream' && mode === 'active-passive';
}

/** Without what is there but undefined, so that it does not hide a default. */
function given<S extends object>(settings: S): S {
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as S;
}

const MOST_NODES = 64;
const LONGEST_MS = 600_000;

const ms = (least: number): z.ZodNumber => z.number().min(least).max(LONGEST_MS);
const wholeMs = (least: number): z.ZodInt => z.int().min(least).max(LONGEST_MS);
const names = z.array(z.string().min(1)).readonly();

const form = z.object({
  lane: z.enum(LANES),
  nodes: z.int().min(1).max(MOST_NODES),
  jobs: z.array(z.object({ id: z.string().min(1), amountCents: z.int() })).min(1),
  rate: z.union([z.literal('max'), z.number().positive().max(1_000_000)]),
  handlerMs: ms(0),
  duplicates: z.number().min(0).max(1),
  seed: z.int(),
  ttlMs: wholeMs(100),
  pollMs: wholeMs(1),
  lockDurationMs: wholeMs(100),
  concurrency: z.int().min(1).max(10_000),
  persistence: z.enum(['none', 'everysec', 'always']),
  sabotage: z.array(z.enum(saboteurNames)).readonly(),
  poison: names,
  deadly: names,
  respawnAfterMs: z.union([z.literal('never'), ms(0)]),
  proxies: z.enum(['as-needed', 'always']),
  workerCommand: names.refine((command) => command.length > 0, 'there must be a command'),
  livenessBoundMs: ms(0),
});
