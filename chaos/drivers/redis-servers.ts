import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  connect,
  findRedisServer,
  launchRedisServer,
  redactUrl,
  type RedisServer,
} from '@understudy/redis';
import type { Timers } from '@understudy/runtime';
import { RedisUnfit } from '../errors.ts';
import { startTimeOf } from './process-table.ts';
import { demandFitRedis, inspectRedis } from './redis-fitness.ts';
import type { UndoJournal } from './undo-journal.ts';

/** The Redis servers of a run. Disposing ends those that the lab started. */
export interface LabRedis extends AsyncDisposable {
  /** Queue and ledger. */
  readonly dataUrl: string;
  /** The lock nodes of the lease. */
  readonly lockUrls: readonly string[];
  /** Version of the data Redis. */
  readonly version: string;
}

/** What private servers need. */
export interface PrivateRedisOptions {
  /** The directory that holds `.understudy`. */
  root: string;
  /** The run directory: data goes to `redis/`, logs to `logs/` when the servers end. */
  directory: string;
  /** How many lock nodes; with none, the data Redis is named as the only one. */
  lockNodes: number;
  environment: Readonly<Record<string, string | undefined>>;
  journal: UndoJournal;
  timers: Timers;
}

/**
 * Starts the servers of a run, all at once. The data Redis writes its log every second, so that it
 * may be restarted; lock nodes forget.
 * @throws {RedisUnfit} when there is no redis-server to start
 * @throws {RedisServerFailed} when one does not start
 */
export async function startPrivateRedis(options: PrivateRedisOptions): Promise<LabRedis> {
  const found = findRedisServer(options.root, options.environment);
  if (!found) {
    throw new RedisUnfit(
      'there is no Redis to start: looked at REDIS_SERVER, for redis-server and valkey-server on PATH, and in .understudy/bin. Run `node scripts/setup.mjs`, or install Redis 7 or newer.',
    );
  }
  const names = ['data', ...Array.from({ length: options.lockNodes }, (_, i) => `lock-${i + 1}`)];
  const outcomes = await Promise.allSettled(names.map((name) => launch(options, found.path, name)));
  const servers = outcomes.flatMap((o) => (o.status === 'fulfilled' ? [o.value] : []));
  const dispose = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
    for (const name of names) keepLog(options.directory, name);
    rmSync(join(options.directory, 'redis'), { recursive: true, force: true });
  };
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  const [data, ...locks] = servers;
  if (failed || !data) {
    await dispose();
    throw failed?.reason;
  }
  try {
    const { version } = await inspectRedis(data.url, options.timers);
    const lockUrls = locks.length > 0 ? locks.map((server) => server.url) : [data.url];
    return { dataUrl: data.url, lockUrls, version, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function launch(
  { directory, journal }: PrivateRedisOptions,
  executable: string,
  name: string,
): Promise<RedisServer> {
  return launchRedisServer({
    executable,
    directory: join(directory, 'redis', name),
    persistence: name === 'data' ? 'everysec' : 'none',
    onSpawn: ({ pid }) => {
      const startTime = pid === undefined ? undefined : startTimeOf(pid);
      if (pid === undefined || startTime === undefined) return;
      const undo = 'SIGKILL to the group; remove redis/';
      journal.note({ kind: 'process', what: `redis ${name}`, pid, startTime, undo });
    },
  });
}

function keepLog(directory: string, name: string): void {
  try {
    copyFileSync(
      join(directory, 'redis', name, 'redis.log'),
      join(directory, 'logs', `redis-${name}.log`),
    );
  } catch {
    // A server that never started left no log; its error has been reported.
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
