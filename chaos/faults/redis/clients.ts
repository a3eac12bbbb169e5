import { type FaultyRedis, WATCHER_PREFIX } from '../../drivers/faulty-redis.ts';

/** The ids of the clients of a server, in the order in which they came; the watchers left out. */
export async function clientIds({ admin }: FaultyRedis): Promise<readonly number[]> {
  const list = String(await admin.client('LIST'));
  return list.split('\n').flatMap((line) => {
    const id = /^id=(\d+)/.exec(line)?.[1];
    const name = / name=(\S*)/.exec(line)?.[1] ?? '';
    return id === undefined || name.startsWith(WATCHER_PREFIX) ? [] : [Number(id)];
  });
}

/** Some clients, for evidence: `3 clients, ids 17 to 21`. */
export function clientsTold(ids: readonly number[]): string {
  if (ids.length === 0) return 'no client';
  const [first, last] = [Math.min(...ids), Math.max(...ids)];
  return ids.length === 1
    ? `1 client, id ${first}`
    : `${ids.length} clients, ids ${first} to ${last}`;
}
