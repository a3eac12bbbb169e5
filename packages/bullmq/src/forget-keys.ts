import type { Ledger } from '@understudy/exactly-once';
import { OldestOutstanding } from '@understudy/queue/take-back';
import { connect } from '@understudy/redis';
import { repeat } from '@understudy/worker/node';
import type { Redis } from 'ioredis';
import type { Member } from './group-options.ts';
import { bullmqKeys } from './bullmq-keys.ts';

const MAINTENANCE_MS = 60_000;

/**
 * Lets the ledger forget, every minute or so, the keys that no job in the queue can need any more
 * (C2).
 * @param queues the qualified name of the queue, as soon as a job has told it
 * @returns what ends it
 */
export function forgetKeys(
  member: Member,
  ledger: Pick<Ledger, 'maintain'>,
  queues: ReadonlySet<string>,
): () => Promise<void> {
  const { log, timers, prng, clock, redisUrl: url, nodeId } = member;
  const stopped = new AbortController();
  let redis: Redis | undefined;
  let oldest: OldestOutstanding | undefined;
  const running = repeat({
    pauseMs: MAINTENANCE_MS,
    signal: stopped.signal,
    name: 'maintenance',
    async task() {
      const [queue] = queues;
      if (queue === undefined) return;
      redis ??= connect(url, { purpose: 'observe', name: `understudy:upkeep:${nodeId}` });
      oldest ??= new OldestOutstanding(redis, bullmqKeys(queue), clock);
      await ledger.maintain(await oldest.read());
    },
    ...{ log, timers, prng },
  });
  return async () => {
    stopped.abort();
    redis?.disconnect();
    await running;
  };
}
