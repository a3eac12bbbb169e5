import type { Persistence } from '@understudy/redis';
import type { Redis } from 'ioredis';
import type { RedisTarget } from '../schedule/step.ts';
import type { Exit } from './exit.ts';

/**
 * How the lab's own connections begin that only look: follower, readers, the hand of a fault. A
 * fault that cuts off clients spares them, or nobody would see what it did. Whoever produces is no
 * watcher: a client like any other.
 */
export const WATCHER_PREFIX = 'understudy-lab:';

/** What a fault may do to a Redis server that the lab started, and see of it. */
export interface FaultyRedis {
  readonly name: RedisTarget;
  readonly url: string;
  /** What it keeps of its data when its process ends. */
  readonly persistence: Persistence;
  /** Of the process that runs it, or ran it last. */
  readonly pid: number;
  /** As the process table has it. */
  readonly startTime: string;
  /** The lab's own connection to it. Fails at once while the server is away. */
  readonly admin: Redis;
  /** The server's `run_id` on the present connection; undefined while there is none. */
  readonly runId: string | undefined;
  /** Sends a signal to the whole process group. Nothing happens when the process has ended. */
  signal(name: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void;
  /** Waits for the end of the process; undefined when it lives on after `limitMs`. */
  exitWithin(limitMs: number): Promise<Exit | undefined>;
  /**
   * Waits until each process of the group is stopped (or none is), as the process table says.
   * Returns the states last seen, one letter a process: `T`; `''` when there is no process left.
   */
  statesWithin(limitMs: number, stopped: boolean): Promise<string>;
  /** Looks again and again until it is so, at most for `limitMs`; returns whether it is. */
  until(isSo: () => Promise<boolean>, limitMs: number): Promise<boolean>;
  /**
   * Starts the server again where it was, on its port and on the data it left, and waits until it
   * has read them.
   * @throws {RedisUnfit} when its process still runs, or a new one does not get ready
   */
  restart(): Promise<{ readonly pid: number; readonly runId: string }>;
}
