import { delimiter, join } from 'node:path';
import { isExecutable } from '@understudy/runtime';

/** Where a redis-server was found, and by what rule. */
export interface FoundServer {
  path: string;
  source: 'REDIS_SERVER' | 'setup' | 'PATH';
}

/**
 * Finds a Redis (or Valkey) server to start: `REDIS_SERVER`, else `redis-server` or
 * `valkey-server` on PATH, else what setup put into `.understudy/bin`.
 * @param root the directory that holds `.understudy`
 */
export function findRedisServer(
  root: string,
  env: Readonly<Record<string, string | undefined>>,
): FoundServer | undefined {
  if (env.REDIS_SERVER) return { path: env.REDIS_SERVER, source: 'REDIS_SERVER' };
  for (const directory of (env.PATH ?? '').split(delimiter).filter(Boolean)) {
    for (const name of ['redis-server', 'valkey-server']) {
      const path = join(directory, name);
      if (isExecutable(path)) return { path, source: 'PATH' };
    }
  }
  const own = join(root, '.understudy', 'bin', 'redis-server');
  return isExecutable(own) ? { path: own, source: 'setup' } : undefined;
}
