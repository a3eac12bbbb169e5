import { connect, type ConnectionWatch, groupKeys } from '@understudy/redis';
import { Queue } from 'bullmq';
import type { Producer } from '../lane.ts';

/** Options of `bullmqProducer`. */
export interface BullmqProducerOptions {
  /** The data Redis. */
  readonly url: string;
  readonly group: string;
  readonly queue: string;
  /** BullMQ's prefix. Default: the group's. */
  readonly prefix?: string;
  /** Watches the connections. Default: nobody does. */
  readonly watch?: ConnectionWatch | undefined;
}

/**
 * Enqueues jobs as `bullmqLane` reads them: name `job`, the payload as data. The payload's `id` is
 * the job's identity; enqueueing it twice makes two jobs of the queue and one effect. A job that is
 * completed leaves nothing in the queue: what came of it is in the ledger, and a queue that keeps every
 * job fills its Redis, about 1.2 kB a job.
 */
export function bullmqProducer(options: BullmqProducerOptions): Producer {
  const { url, group, queue: name, prefix = groupKeys(group).queuePrefix } = options;
  const redis = connect(url, {
    purpose: 'queue',
    name: `understudy:producer:${name}`,
    watch: options.watch,
  });
  const queue = new Queue(name, { connection: redis, prefix, skipVersionCheck: true });
  // Connections come back by themselves, and what cannot be enqueued rejects.
  queue.on('error', () => undefined);
  return {
    async enqueue(data) {
      await queue.add('job', data, { removeOnComplete: true });
    },
    async [Symbol.asyncDispose]() {
      await queue.close();
      redis.disconnect();
    },
  };
}
