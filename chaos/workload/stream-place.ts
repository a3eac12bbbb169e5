import type { QueuePlace } from './bullmq-enqueuer.ts';

/**
 * The key of the stream that holds the jobs of contract `stream`: the prefix, a colon and the queue.
 * Nodes put it together themselves, of `UNDERSTUDY_PREFIX` and `UNDERSTUDY_QUEUE`.
 */
export function streamKey({ prefix, queue }: Pick<QueuePlace, 'prefix' | 'queue'>): string {
  return `${prefix}:${queue}`;
}
