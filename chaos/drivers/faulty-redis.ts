import type { Persistence } from '@understudy/redis';
import type { Redis } from 'ioredis';
import type { RedisTarget } from '../schedule/step.ts';
import type { FaultyProcess } from './faulty-process.ts';

/**
 * How the lab's own connections begin that only look: follower, readers, the hand of a fault. A
 * fault that cuts off clients spares them, or nobody would see what it did. Whoever produces is no
 * watcher: a client like any other.
 */
export const WATCHER_PREFIX = 'understudy-lab:';

/**
 * What a fault may do to a Redis server that the lab started or finds in a container of the fleet,
 * and see of it. Its pid is that of the process that runs it, or ran it last.
 */
export interface FaultyRedis extends FaultyProcess {
  readonly name: RedisTarget;
  readonly url: string;
  /** What it keeps of its data when its process ends. */
  readonly persistence: Persistence | 'as configured';
  /** The lab's own connection to it. Fails at once while the server is away. */
  readonly admin: Redis;
  /** The server's `run_id` on the present connection; undefined while there is none. */
  readonly runId: string | undefined;
  /** Looks again and again until it is so, at most for `limitMs`; returns whether it is. */
  until(isSo: () => Promise<boolean>, limitMs: number): Promise<boolean>;
  /**
   * Starts the server again where it was, on its port and on the data it left, and waits until it
   * has read them.
   * @throws {RedisUnfit} when its process still runs, or a new one does not get ready
   */
  restart(): Promise<{ readonly who: string; readonly runId: string }>;
}
