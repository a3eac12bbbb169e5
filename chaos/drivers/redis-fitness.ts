import { commandConnection, redactUrl } from '@understudy/redis';
import { messageOf, sleep, type Timers } from '@understudy/runtime';
import { RedisUnfit } from '../errors.ts';
import { adviceHere } from '../repository.ts';

/** What was found at a Redis. */
export interface RedisFacts {
  /** `7.0.15` */
  readonly version: string;
  /** `noeviction` */
  readonly maxmemoryPolicy: string;
}

const OLDEST_MAJOR = 7;
const ANSWER_LIMIT_MS = 3000;

/** What to do where there is no Redis that the lab can start. */
export function waysToRedis(): string {
  const install = adviceHere(
    `Run \`node scripts/setup.mjs\`, install Redis ${OLDEST_MAJOR} or newer`,
    `Install Redis ${OLDEST_MAJOR} or newer (Debian: \`apt install redis-server\`; Homebrew: \`brew install redis\`)`,
  );
  return `${install}, set REDIS_SERVER to one, or give a running one with --redis.`;
}

/**
 * Asks the Redis at `url` for what the lab needs to know.
 * @throws {RedisUnfit} when it does not answer within 3 s; the message says what was tried
 */
export async function inspectRedis(url: string, timers: Timers): Promise<RedisFacts> {
  let trouble = 'no answer';
  const connection = commandConnection(url, {
    name: 'understudy:inspect',
    commandTimeoutMs: ANSWER_LIMIT_MS,
    onError: (error) => (trouble = messageOf(error)),
  });
  const limit = new AbortController();
  const done = new AbortController();
  void sleep(timers, ANSWER_LIMIT_MS, done.signal).then(() => limit.abort());
  try {
    await connection.ready(limit.signal);
    if (connection.runId === undefined) throw silent(url, trouble);
    const info = await connection.redis.info();
    const field = (name: string): string =>
      new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(info)?.[1] ?? '';
    return { version: field('redis_version'), maxmemoryPolicy: field('maxmemory_policy') };
  } catch (error) {
    throw error instanceof RedisUnfit ? error : silent(url, messageOf(error), error);
  } finally {
    done.abort();
    await connection[Symbol.asyncDispose]();
  }
}

/**
 * Checks that the Redis at `url` can hold jobs and effects without losing them on its own.
 * @throws {RedisUnfit}
 */
export async function demandFitRedis(url: string, timers: Timers): Promise<RedisFacts> {
  const facts = await inspectRedis(url, timers);
  const where = `the Redis at ${redactUrl(url)}`;
  if (Number.parseInt(facts.version, 10) < OLDEST_MAJOR) {
    throw new RedisUnfit(
      `${where} is version ${facts.version}, and ${OLDEST_MAJOR} or newer is needed. Leave the URL out to let the lab start its own.`,
    );
  }
  if (facts.maxmemoryPolicy !== '' && facts.maxmemoryPolicy !== 'noeviction') {
    throw new RedisUnfit(
      `${where} may evict keys (maxmemory-policy is ${facts.maxmemoryPolicy}), so it could forget jobs and idempotency keys. Run: CONFIG SET maxmemory-policy noeviction`,
    );
  }
  return facts;
}

function silent(url: string, trouble: string, cause?: unknown): RedisUnfit {
  return new RedisUnfit(
    `the Redis at ${redactUrl(url)} does not answer (${trouble}; tried for ${ANSWER_LIMIT_MS / 1000} s). Start it, correct the URL, or leave the URL out and let the lab start its own.`,
    { cause },
  );
}
