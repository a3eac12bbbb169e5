import { runScript } from '@understudy/redis';
import type { KeysMap } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Backlog } from '../lane.ts';
import { scripts } from './scripts.ts';

const LISTS = ['wait', 'paused', 'prioritized', 'active', 'delayed', 'failed'];

/** Asks the queue with the keys `queue` what is in it. */
export async function readBacklog(redis: Redis, queue: KeysMap): Promise<Backlog> {
  const keys = LISTS.map((list) => queue[list] as string);
  const answer = await runScript(redis, scripts.backlog, keys, [queue[''] as string]);
  const [waiting, active, delayed, parked, ageMs] = answer as [
    number,
    number,
    number,
    number,
    number,
  ];
  const jobs = { waiting, active, delayed, parked };
  return { jobs, nextWaitingAgeMs: ageMs < 0 ? null : ageMs };
}
