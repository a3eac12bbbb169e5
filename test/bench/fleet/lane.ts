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
      const pipeline = connection.pipeline();
      for (const data of jobs) {
        pipeline.xadd(`${streamPrefix}:${QUEUE}`, '*', 'id', data.id, 'data', JSON.stringify(data));
      }
      const replies = (await pipeline.exec()) ?? [];
      const failure = replies.find(([error]) => error)?.[0];
      if (failure) throw failure;
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
