import type { ConnectionWatch } from '@understudy/redis';
import type { Clock, NewId, Timers } from '@understudy/runtime';
import type { FetchedJob } from '../lane.ts';
import type { LaneScripts } from './scripts.ts';

/** Options of `bullmqLane`. */
export interface BullmqLaneOptions {
  /** The data Redis. */
  readonly url: string;
  readonly group: string;
  /** BullMQ's queue name. */
  readonly queue: string;
  /** BullMQ's prefix. Default: the group's, which carries its hash tag. */
  readonly prefix?: string;
  readonly node: string;
  /** Must be announced (`announceIncarnation`) before the first fetch. */
  readonly incarnation: string;
  /** How long a lock lives unless renewed, in ms. It is renewed three times as often. Default 30 s. */
  readonly lockDurationMs?: number;
  /** Attempts of a job whose own `attempts` is not above one. Default 3. */
  readonly maxAttempts?: number;
  /** How often a job may be taken back from the dead before it is tried alone. Default 3. */
  readonly recoveryLimit?: number;
  /** After a restart of Redis the absent are not judged for that long, in ms. Default 2000. */
  readonly graceMs?: number;
  /** How often BullMQ's own stalled check runs, in ms. Default 30 s. */
  readonly stalledIntervalMs?: number;
  /** Scripts that run instead of the lane's own, for experiments with a protection less. */
  readonly scripts?: Partial<LaneScripts>;
  /** C4: asked before a job is given up for its recoveries; true completes it instead. */
  readonly committed?: (job: FetchedJob) => Promise<boolean>;
  /** The lane itself parked a job, named by its id or, when it has none, by the queue's. */
  readonly onParked?: (job: string, reason: string) => void;
  /** Redis refused something. The lane goes on; connections come back by themselves. */
  readonly onTrouble?: (error: unknown) => void;
  /** Watches the connections. Default: nobody does. */
  readonly watch?: ConnectionWatch | undefined;
  readonly clock?: Clock;
  readonly timers?: Timers;
  readonly newId?: NewId;
}
