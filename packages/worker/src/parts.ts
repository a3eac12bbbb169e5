import {
  type FencingToken,
  type Ledger,
  ledgerScripts,
  type LedgerScripts,
  redisLedger,
} from '@understudy/exactly-once';
import {
  createLease,
  type Lease,
  type LeaseChange,
  leaseScripts,
  type LeaseScripts,
} from '@understudy/lease';
import {
  announceIncarnation,
  bullmqLane,
  type FetchedJob,
  type IncarnationPresence,
  type Lane,
  laneScripts,
  type LaneScripts,
  streamLane,
  type StreamScripts,
  streamScripts,
} from '@understudy/queue';
import { laneOf, type WorkerDefinition } from './definition.ts';
import { leaseLog } from './lease-log.ts';
import type { WorkerSettings } from './settings.ts';
import type { Surroundings } from './surroundings.ts';
import { telling } from './telling.ts';

/** What a lane needs to know of a worker's definition. */
export type LaneDefinition = Pick<
  WorkerDefinition<unknown>,
  'queue' | 'lane' | 'orderKey' | 'maxAttempts'
>;

/** What a lane asks of its worker, and tells it. */
export interface LaneHooks {
  /** C4: whether the job took effect already; asked before it is given up. */
  committed(job: FetchedJob): Promise<boolean>;
  onParked(job: string, reason: string): void;
  /** The store says that a term is not the current one. */
  onFenced(token: FencingToken): void;
}

/**
 * How a worker gets the things it is made of. The defaults talk to Redis; a test or a saboteur
 * replaces one of them and leaves the worker as it is.
 */
export interface WorkerParts {
  ledger(settings: WorkerSettings, around: Surroundings): Ledger;
  lane(
    settings: WorkerSettings,
    definition: LaneDefinition,
    around: Surroundings,
    hooks: LaneHooks,
  ): Lane;
  lease(
    settings: WorkerSettings,
    ledger: Ledger,
    around: Surroundings,
    onChange: (change: LeaseChange) => void,
  ): Lease;
  announce(
    settings: WorkerSettings,
    around: Surroundings,
    signal: AbortSignal,
  ): Promise<IncarnationPresence>;
}

/** The scripts of the parts in which protections live. */
export type PartScripts = Pick<LedgerScripts, 'commit' | 'mint'> &
  Pick<LaneScripts, 'recover'> &
  Pick<LeaseScripts, 'extend'> & {
    /** Those of the `stream` lane, where they have the same names. */
    readonly stream: StreamScripts;
  };

/** The runtime's own. */
export const partScripts: PartScripts = {
  commit: ledgerScripts.commit,
  mint: ledgerScripts.mint,
  recover: laneScripts.recover,
  stream: streamScripts,
  // The grace period is part of the acquire script only.
  extend: leaseScripts(0).extend,
};

/** The parts that talk to Redis. `scripts` replaces what runs there; default: nothing. */
export function redisParts(scripts = partScripts): WorkerParts {
  const { commit, mint, extend } = scripts;
  return {
    ledger: (settings, { clock, log, watch }) =>
      redisLedger({
        url: settings.redisUrl,
        group: settings.group,
        name: `understudy:ledger:${settings.nodeId}`,
        scripts: { commit, mint },
        effectsKeptMs: settings.effectsKeptMs,
        onTrouble: telling(log, 'data Redis in trouble'),
        watch,
        clock,
      }),
    lane: (settings, definition, around, hooks) =>
      laneOf(definition, settings) === 'stream'
        ? openStreamLane(settings, definition, around, hooks, scripts)
        : openBullmqLane(settings, definition, around, hooks, scripts),
    lease: (settings, store, { clock, timers, prng, newId, log, watch }, onChange) =>
      createLease({
        group: settings.group,
        nodeId: settings.nodeId,
        incarnation: settings.incarnation,
        lockUrls: settings.lockUrls,
        store,
        ttlMs: settings.ttlMs,
        pollMs: settings.pollMs,
        presence: settings.presence,
        scripts: { extend },
        onChange,
        watch,
        clock,
        timers,
        prng,
        newId,
        log: leaseLog(log),
      }),
    announce: (settings, { timers, log, watch }, signal) =>
      announceIncarnation({
        url: settings.redisUrl,
        group: settings.group,
        node: settings.nodeId,
        incarnation: settings.incarnation,
        signal,
        onTrouble: telling(log, 'data Redis in trouble'),
        watch,
        timers,
      }),
  };
}

type LaneOpener = (
  ...given: [...Parameters<WorkerParts['lane']>, scripts: PartScripts]
) => ReturnType<WorkerParts['lane']>;

const openBullmqLane: LaneOpener = (settings, definition, around, hooks, { recover }) => {
  const { clock, timers, newId, log, watch } = around;
  return bullmqLane({
    url: settings.redisUrl,
    group: settings.group,
    queue: settings.queue ?? definition.queue,
    ...(settings.prefix === undefined ? {} : { prefix: settings.prefix }),
    node: settings.nodeId,
    incarnation: settings.incarnation,
    lockDurationMs: settings.lockDurationMs,
    ...(definition.maxAttempts === undefined ? {} : { maxAttempts: definition.maxAttempts }),
    scripts: { recover },
    ...hooks,
    onTrouble: telling(log, 'lane in trouble'),
    ...{ watch, clock, timers, newId },
  });
};

const openStreamLane: LaneOpener = (settings, definition, around, hooks, { stream }) => {
  const { clock, timers, log, watch } = around;
  return streamLane({
    url: settings.redisUrl,
    group: settings.group,
    queue: settings.queue ?? definition.queue,
    prefix: settings.prefix,
    node: settings.nodeId,
    incarnation: settings.incarnation,
    orderKey: definition.orderKey?.bind(definition),
    maxAttempts: definition.maxAttempts,
    unknownAfterMs: settings.lockDurationMs,
    scripts: stream,
    ...hooks,
    onTrouble: telling(log, 'lane in trouble'),
    ...{ watch, clock, timers },
  });
};
