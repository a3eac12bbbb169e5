import { commandConnection } from '@understudy/redis';
import { Queue } from 'bullmq';
import type { Enqueuer } from './enqueuer.ts';
import { answerOf } from './refusals.ts';

/** Where a queue is and what it is called. */
export interface QueuePlace {
  /** The data Redis. */
  readonly url: string;
  readonly queue: string;
  readonly prefix: string;
}

/** What else can be said of a queue. */
export interface BullmqEnqueuerOptions extends QueuePlace {
  /** Whether the queue is to keep nothing of a job that is completed, because others use it too. */
  readonly forget?: boolean;
}

/** Every job is this of BullMQ's names; its identity is the `id` in its data. */
const JOB_NAME = 'job';
const REPLY_LIMIT_MS = 5000;

/** Hands jobs to a queue of BullMQ. */
export function bullmqEnqueuer({
  url,
  queue: name,
  prefix,
  forget = false,
}: BullmqEnqueuerOptions): Enqueuer {
  const connection = commandConnection(url, {
    name: 'understudy:producer',
    commandTimeoutMs: REPLY_LIMIT_MS,
  });
  const queue = new Queue(name, { connection: connection.redis, prefix });
  // Its operations reject as well; without a listener the event would end the process.
  queue.on('error', () => undefined);
  return {
    ready: (signal) => connection.ready(signal),
    async enqueue(job) {
      try {
        await queue.add(JOB_NAME, job, forget ? { removeOnComplete: true } : {});
        return { type: 'ok' };
      } catch (error) {
        return answerOf(error);
      }
    },
    async [Symbol.asyncDispose]() {
      await connection[Symbol.asyncDispose]();
      void queue.close().catch(() => undefined);
    },
  };
}
