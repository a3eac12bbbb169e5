import { groupKeys } from '@understudy/redis';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';

/** The lanes a worker may take its jobs from, by what `UNDERSTUDY_LANE` calls them. */
export type LaneName = 'bullmq' | 'stream';

/** The queue of the payments worker. */
export const QUEUE = 'payments';

/** Puts jobs into a lane. Disposing closes its connection. */
export interface Feed extends AsyncDisposable {
  /** Resolves when all are acknowledged. */
  add(jobs: readonly { readonly id: string }[]): Promise<void>;
}

/** Of each job its id and its data. */
const ADD = `
  for i = 1, #ARGV, 2 do redis.call('XADD', KEYS[1], '*', 'id', ARGV[i], 'data', ARGV[i + 1]) end
`;

/** Opens a lane of `group` for jobs, over a connection of its own. */
export function openFeed(lane: LaneName, url: string, group: string): Feed {
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  const { queuePrefix: prefix, streamPrefix } = groupKeys(group);
  const queue = lane === 'bullmq' ? new Queue(QUEUE, { connection, prefix }) : undefined;
  return {
    async add(jobs) {
      if (queue) {
        // As a producer of the lane does: what is done leaves the queue.
        const opts = { removeOnComplete: true };
        await queue.addBulk(jobs.map((data) => ({ name: 'job', data, opts })));
        return;
      }
      // One command: a pipeline of as many is garbage that this process would stand still to collect.
      const fields = jobs.flatMap((data) => [data.id, JSON.stringify(data)]);
      await connection.eval(ADD, 1, `${streamPrefix}:${QUEUE}`, ...fields);
    },
    async [Symbol.asyncDispose]() {
      await queue?.close();
      connection.disconnect();
    },
  };
}

/** A payment that can be told by its number. */
export function paymentOf(n: number): { id: string; account: string; amountCents: number } {
  return { id: `b-${n}`, account: `a-${n % 50}`, amountCents: 100 };
}
