import { z } from 'zod';
import { type Direction, DIRECTIONS } from '../proxy/trouble.ts';
import type { Circumstances } from './fault.ts';
import { durationParameter } from './restart.ts';

/** Which connections of a node are meant: to every server, or to some. */
export type RedisSelection = 'all' | 'data' | 'locks' | `lock-${number}`;

/** Which way is meant: requests go `to-redis`, replies come `from-redis`. */
export type DirectionSelection = 'both' | Direction;

/** How a fault on a link is narrowed down. */
export interface LinkSelection {
  readonly redis: RedisSelection;
  readonly direction: DirectionSelection;
}

/** `redis` as written. */
export const redisParameter: z.ZodType<RedisSelection> = z
  .union([z.enum(['all', 'data', 'locks']), z.templateLiteral(['lock-', z.int()])], {
    error: 'must be all, data, locks, or lock-1, lock-2, …',
  })
  .default('all');

/** `direction` as written. */
export const directionParameter = z.enum(['both', ...DIRECTIONS]).default('both');

const LONGEST_FOR_MS = 600_000;

/** How long a fault on a link lasts: ten minutes at most. */
export function forParameter(defaultMs: number): z.ZodType<number> {
  return durationParameter(defaultMs).refine((ms) => ms > 0 && ms <= LONGEST_FOR_MS, {
    error: 'must be more than zero and ten minutes at most',
  });
}

/** The servers that a selection means among those that there are; none when there is none such. */
export function selectServers(redis: RedisSelection, servers: readonly string[]): string[] {
  return servers.filter((server) => {
    if (redis === 'all') return true;
    return redis === 'locks' ? server.startsWith('lock-') : server === redis;
  });
}

/** The directions that a selection means. */
export function selectDirections(direction: DirectionSelection): Direction[] {
  return direction === 'both' ? [...DIRECTIONS] : [direction];
}

/** What takes a fault on a link back if the lab dies. */
export const LINK_UNDO = 'nothing: without the lab the proxy ends, or lets everything through';

/** Faults on links need a proxy that may stand in the way, and a server behind it. */
export function refuseWithoutLink(
  { tls, servers, driver, link }: Circumstances,
  { redis }: Pick<LinkSelection, 'redis'>,
): string | undefined {
  if (driver === 'docker' && link !== 'proxy') {
    return 'it needs a proxy between each node and Redis, and these containers reach Redis without one. Give each node a proxy, as docker-compose.yml of this repository does, use partition, which takes a container out of the network, or run it on processes (without --driver docker)';
  }
  if (tls) {
    return 'the Redis given is reached by TLS, whose certificate names the server, and the node would reach it by the address of its proxy. Give a redis:// URL, or leave it out and let the lab start its own';
  }
  if (selectServers(redis, servers).length > 0) return undefined;
  return `redis: ${redis} means no server of this run; there are ${servers.join(', ')}`;
}
