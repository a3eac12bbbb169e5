import { join } from 'node:path';
import { groupKeys } from '@understudy/redis';
import type { RunSettings } from './settings.ts';

/** The queue's name in every run; its prefix carries the run. */
export const QUEUE = 'payments';

/** Where a node finds the servers. */
export interface NodeServers {
  readonly dataUrl: string;
  readonly lockUrls: readonly string[];
}

/** Where a node finds the servers, and the lab finds the node. */
export interface NodeSurroundings extends NodeServers {
  /** Where it is to serve its metrics; undefined: nowhere. */
  readonly metricsPort: number | undefined;
  /** Where its jobs are; see `ForeignContract`. */
  readonly queue: string;
  readonly prefix: string;
  /** What this node has beside the environment of the settings. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** What makes its Node.js processes report to the lab, beside the NODE_OPTIONS it has already. */
  inside(nodeOptions: string | undefined): Readonly<Record<string, string>>;
}

/**
 * What a node finds in its environment: what the lab itself was started with, what the run's
 * settings add, and the contract's variables, which win. A node of Node.js is told to keep what it
 * compiled: a fleet starts the same program again and again, and half of that time is compiling.
 */
export function nodeEnvironment(
  inherited: Readonly<Record<string, string | undefined>>,
  settings: RunSettings,
  around: NodeSurroundings,
  { root, group }: { readonly root: string; readonly group: string },
  node: string,
  incarnation: string,
): Record<string, string | undefined> {
  const keys = groupKeys(group);
  const own: Record<string, string> = { ...settings.environment, ...around.environment };
  return {
    NODE_COMPILE_CACHE: join(root, '.understudy', 'compile-cache'),
    ...inherited,
    ...own,
    ...around.inside(own.NODE_OPTIONS ?? inherited.NODE_OPTIONS),
    METRICS_PORT: around.metricsPort === undefined ? undefined : String(around.metricsPort),
    REDIS_URL: around.dataUrl,
    LOCK_REDIS_URLS: around.lockUrls.join(','),
    UNDERSTUDY_NODE_ID: node,
    UNDERSTUDY_INCARNATION: incarnation,
    UNDERSTUDY_GROUP: group,
    UNDERSTUDY_MODE: settings.mode,
    UNDERSTUDY_QUEUE: around.queue,
    UNDERSTUDY_PREFIX: around.prefix,
    UNDERSTUDY_EFFECTS: keys.effects,
    // A worker of somebody else's has a contract, and is not told of lanes.
    UNDERSTUDY_LANE: settings.foreign ? undefined : settings.lane,
    UNDERSTUDY_HANDLER_MS: String(settings.handlerMs),
    UNDERSTUDY_TTL_MS: String(settings.ttlMs),
    UNDERSTUDY_LOCK_DURATION_MS: String(settings.lockDurationMs),
    UNDERSTUDY_CONCURRENCY: String(settings.concurrency),
    UNDERSTUDY_PRESENCE: settings.presence ? 'on' : 'off',
    UNDERSTUDY_POLL_MS: String(settings.pollMs),
    // The first time it takes seconds, in which a standby takes nothing over. Here nodes are ended in an
    // orderly way, and keep it then.
    UNDERSTUDY_KEEP_COMPILED: 'off',
    UNDERSTUDY_SABOTAGE: settings.sabotage.join(','),
    UNDERSTUDY_FAIL_JOBS: settings.poison.join(','),
    UNDERSTUDY_CRASH_JOBS: settings.deadly.join(','),
  };
}
