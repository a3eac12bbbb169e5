import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { connect, findRedisServer, type Persistence, redactUrl } from '@understudy/redis';
import type { Clock, Timers } from '@understudy/runtime';
import { RedisUnfit } from '../errors.ts';
import type { FaultyRedis } from './faulty-redis.ts';
import { demandFitRedis, inspectRedis, waysToRedis } from './redis-fitness.ts';
import { RedisPlace } from './redis-place.ts';
import type { UndoJournal } from './undo-journal.ts';

/** The Redis servers of a run. Disposing ends those that the lab started. */
export interface LabRedis extends AsyncDisposable {
  /** Queue and ledger. */
  readonly dataUrl: string;
  /** The lock nodes of the lease. */
  readonly lockUrls: readonly string[];
  /** Version of the data Redis. */
  readonly version: string;
  /** Those that a fault may hit: `data`, `lock-1`, …; none where they are somebody else's. */
  readonly servers: readonly FaultyRedis[];
}

/** What private servers need. */
export interface PrivateRedisOptions {
  /** The directory that holds `.understudy`. */
  root: string;
  /** The run directory: data goes to `redis/`, logs to `logs/` when the servers end. */
  directory: string;
  /** How many lock nodes; with none, the data Redis is named as the only one. */
  lockNodes: number;
  /** What the data Redis keeps of its data over a restart. Lock nodes forget. */
  persistence: Persistence;
  environment: Readonly<Record<string, string | undefined>>;
  journal: UndoJournal;
  clock: Clock;
  timers: Timers;
}

/**
 * Starts the servers of a run, all at once.
 * @throws {RedisUnfit} when there is no redis-server to start
 * @throws {RedisServerFailed} when one does not start
 */
export async function startPrivateRedis(options: PrivateRedisOptions): Promise<LabRedis> {
  const found = findRedisServer(options.root, options.environment);
  if (!found) {
    throw new RedisUnfit(
      `there is no Redis to start: looked at REDIS_SERVER, for redis-server and valkey-server on PATH, and in .understudy/bin. ${waysToRedis()}`,
    );
  }
  const locks = Array.from({ length: options.lockNodes }, (_, i) => `lock-${i + 1}` as const);
  const { directory, persistence, journal, clock, timers } = options;
  const outcomes = await Promise.allSettled(
    (['data', ...locks] as const).map((name) =>
      RedisPlace.start({
        name,
        executable: found.path,
        directory,
        persistence: name === 'data' ? persistence : 'none',
        journal,
        clock,
        timers,
      }),
    ),
  );
  const servers = outcomes.flatMap((o) => (o.status === 'fulfilled' ? [o.value] : []));
  const dispose = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    rmSync(join(directory, 'redis'), { recursive: true, force: true });
  };
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  const [data, ...lockServers] = servers;
  if (failed || !data) {
    await dispose();
    throw failed?.reason;
  }
  try {
    const { version } = await inspectRedis(data.url, options.timers);
    const lockUrls = lockServers.length > 0 ? lockServers.map((server) => server.url) : [data.url];
    return { dataUrl: data.url, lockUrls, version, servers, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/**
 * Uses Redis servers that run already. Disposing removes the keys of `group`, and nothing else.
 * @throws {RedisUnfit} when one is not reachable, too old, or may evict
 */
export async function useRedis(
  urls: { readonly dataUrl: string; readonly lockUrls: readonly string[] },
  keyPrefix: string,
  timers: Timers,
): Promise<LabRedis> {
  if (urls.lockUrls.length === 0) throw new RedisUnfit('there must be at least one lock node');
  const all = [...new Set([urls.dataUrl, ...urls.lockUrls])];
  for (const url of all) {
    if (!URL.canParse(url) || !/^rediss?:$/.test(new URL(url).protocol)) {
      throw new RedisUnfit(
        `${redactUrl(url)} is not the URL of a Redis: write redis://host:port or rediss://host:port`,
      );
    }
  }
  const [facts] = await Promise.all(all.map((url) => demandFitRedis(url, timers)));
  return {
    ...urls,
    version: facts?.version ?? '',
    servers: [],
    async [Symbol.asyncDispose]() {
      await Promise.all(all.map((url) => removeKeys(url, keyPrefix)));
    },
  };
}

async function removeKeys(url: string, keyPrefix: string): Promise<void> {
  const redis = connect(url, { purpose: 'command', name: 'understudy:clean-up' });
  try {
    if (redis.status !== 'ready') {
      await new Promise<void>((resolve) => {
        redis.once('ready', resolve);
        redis.once('close', resolve);
      });
    }
    let cursor = '0';
    do {
      const [next, keys] = await redis.scan(cursor, 'MATCH', `${keyPrefix}*`, 'COUNT', 1000);
      if (keys.length > 0) await redis.unlink(...keys);
      cursor = next;
    } while (cursor !== '0');
  } catch {
    // The run is over and judged; a Redis that went away cannot be tidied.
  } finally {
    redis.disconnect();
  }
}
