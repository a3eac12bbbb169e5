import { fileURLToPath } from 'node:url';
import type { Payment } from '../workload/payment.ts';

/** How the nodes of a fleet share the work. */
export type Mode = 'active-passive' | 'active-active' | 'uncoordinated';

/** Everything about a run that is not its schedule. Written to `schedule.json`, jobs excepted. */
export interface RunSettings {
  mode: Mode;
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
  /** Protections taken out of the fleet: `no-fencing`, `no-idempotency`. Default none. */
  sabotage: readonly string[];
  /** Ids of jobs whose handler always throws; they are expected to be parked. Default none. */
  poison: readonly string[];
  /** The command of a node: executable and arguments. Default: this repository's worker. */
  workerCommand: readonly string[];
  /** More environment for the nodes; the lab's own variables win. Default none. */
  environment: Readonly<Record<string, string>>;
  /** How long after the last heal every accepted job must have taken effect, in ms. */
  livenessBoundMs: number;
  /** How long a takeover may last, by the fault that caused it, in ms. */
  takeoverLimitMs: Readonly<Record<'kill' | 'stop' | 'pause', number>>;
}

/** What a caller must say; everything else has a default. */
export type RequestedSettings = Partial<RunSettings> & Pick<RunSettings, 'mode' | 'jobs'>;

/** Where the worker of this repository starts. A path, not an import: the lab runs commands. */
const OWN_WORKER = fileURLToPath(new URL('../../services/worker/src/main.ts', import.meta.url));

/** A crash is seen by presence, at once; everything else may take until the lease expires. */
const KILL_TAKEOVER_LIMIT_MS = 500;
const TAKEOVER_MARGIN_MS = 1000;
const LIVENESS_BASE_MS = 10_000;

/** The one place of all defaults. What `requested` leaves out, or gives as undefined, is filled in. */
export function completeSettings(requested: RequestedSettings): RunSettings {
  const given = Object.fromEntries(
    Object.entries(requested).filter(([, value]) => value !== undefined),
  ) as RequestedSettings;
  const settings = {
    nodes: 3,
    rate: 400,
    handlerMs: 5,
    duplicates: 0.01,
    seed: 1,
    ttlMs: 2000,
    pollMs: 10,
    presence: true,
    lockDurationMs: 3000,
    concurrency: 10,
    sabotage: [],
    poison: [],
    workerCommand: [process.execPath, OWN_WORKER],
    environment: {},
    ...given,
  } satisfies Omit<RunSettings, 'livenessBoundMs' | 'takeoverLimitMs'>;
  const expiryMs = settings.ttlMs + TAKEOVER_MARGIN_MS;
  // One node at full concurrency must be able to work off everything within the bound.
  const workMs = Math.ceil((settings.jobs.length * settings.handlerMs) / settings.concurrency);
  return {
    livenessBoundMs: LIVENESS_BASE_MS + workMs,
    takeoverLimitMs: {
      kill: settings.presence ? KILL_TAKEOVER_LIMIT_MS : expiryMs,
      stop: expiryMs,
      pause: expiryMs,
    },
    ...settings,
  };
}
