import { groupKeys } from '@understudy/redis';
import { QueueKeys } from 'bullmq';
import type { BullmqProducerOptions } from './bullmq-producer.ts';

/**
 * Every key of a queue whose jobs have the ids 1 to `jobs`, as BullMQ gives them out: what is to
 * be deleted so that nothing is left of it.
 */
export function queueKeys(
  options: Omit<BullmqProducerOptions, 'url'>,
  jobs: number,
): readonly string[] {
  const { group, queue, prefix = groupKeys(group).queuePrefix } = options;
  const keys = Object.values(new QueueKeys(prefix).getKeys(queue));
  const numbers = Array.from({ length: jobs }, (_, i) => `${prefix}:${queue}:${i + 1}`);
  return [...keys, ...numbers, ...numbers.map((job) => `${job}:lock`)];
}
