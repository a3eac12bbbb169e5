import { lookAtRunDirectory, lookForLeftovers } from './disk.ts';
import type { Finding, Surroundings } from './finding.ts';
import { lookAtNode, lookAtOpenFiles, lookAtPlatform, lookAtProcessTable } from './machine.ts';
import { lookAtRedisServer, lookAtRedisUrl } from './redis.ts';

export type { Finding, Surroundings } from './finding.ts';

/**
 * Looks at everything a run needs. With Redis servers of the user's own these are looked at
 * instead of the one the lab would start.
 */
export async function examine(
  surroundings: Surroundings,
  redis?: { readonly dataUrl: string; readonly lockUrls: readonly string[] },
): Promise<readonly Finding[]> {
  const names = new Map(redis?.lockUrls.map((url) => [url, 'lock node']));
  if (redis) names.set(redis.dataUrl, 'redis');
  const [runDirectory, leftovers, ...servers] = await Promise.all([
    lookAtRunDirectory(surroundings),
    lookForLeftovers(surroundings),
    ...(redis
      ? [...names].map(([url, name]) => lookAtRedisUrl(name, url))
      : [lookAtRedisServer(surroundings)]),
  ]);
  return [
    lookAtNode(),
    lookAtPlatform(),
    ...servers,
    lookAtProcessTable(),
    lookAtOpenFiles(),
    runDirectory,
    leftovers,
  ];
}
