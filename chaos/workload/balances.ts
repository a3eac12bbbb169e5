import { groupKeys } from '@understudy/redis';
import type { Redis } from 'ioredis';

/**
 * What the ledger of a group of this repository's workers holds: account → cents. Rejects when Redis does
 * not answer.
 */
export async function readBalances(
  redis: Redis,
  group: string,
): Promise<Readonly<Record<string, number>>> {
  const held = Object.entries(await redis.hgetall(groupKeys(group).balances));
  return Object.fromEntries(held.map(([account, cents]) => [account, Number(cents)]));
}
