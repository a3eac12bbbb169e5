import type { RedisTarget } from '../schedule/step.ts';

/** What a fault may do to a Redis server of the run, and see of it; the driver gives it. */
export interface FaultyRedis {
  readonly name: RedisTarget;
  readonly url: string;
  /** Of the server's process, when the lab started it. */
  readonly pid: number;
  readonly startTime: string;
}
