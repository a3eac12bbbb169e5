import { commandConnection } from '@understudy/redis';
import type { QueuePlace } from './bullmq-enqueuer.ts';
import type { Enqueuer } from './enqueuer.ts';
import { answerOf } from './refusals.ts';
import { streamKey } from './stream-place.ts';

const REPLY_LIMIT_MS = 5000;

/** Hands jobs to a stream: entries with the fields `id` and `data`, the input line as JSON. */
export function streamEnqueuer(place: QueuePlace): Enqueuer {
  const key = streamKey(place);
  const connection = commandConnection(place.url, {
    name: 'understudy:producer',
    commandTimeoutMs: REPLY_LIMIT_MS,
  });
  return {
    ready: (signal) => connection.ready(signal),
    async enqueue(job) {
      try {
        await connection.redis.xadd(key, '*', 'id', job.id, 'data', JSON.stringify(job));
        return { type: 'ok' };
      } catch (error) {
        return answerOf(error);
      }
    },
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}
