import type { QueuePlace } from './bullmq-enqueuer.ts';

/**
 * The key of the stream that holds the jobs of contract `stream`: the prefix, a colon and the queue.
 * Nodes put it together themselves, of `UNDERSTUDY_PREFIX` and `UNDERSTUDY_QUEUE`.
 */
export function streamKey({ prefix, queue }: Pick<QueuePlace, 'prefix' | 'queue'>): string {
  return `${prefix}:${queue}`;
}

/**
 * The key of the stream that holds the jobs which were put aside: entries with the fields `id`, `data`
 * and `reason`. Workers need not have one.
 */
export function parkedKey(place: Pick<QueuePlace, 'prefix' | 'queue'>): string {
  return `${streamKey(place)}:parked`;
}
