import type { ConnectionWatch } from '@understudy/redis';
import type { Clock, Timers } from '@understudy/runtime';
import type { FetchedJob, LaneTerm } from '../lane.ts';
import type { StreamScripts } from './scripts.ts';
import type { OrderKey } from './stream-job.ts';
import type { StreamPlace } from './stream-keys.ts';

/** Options of `streamLane`. */
export interface StreamLaneOptions extends StreamPlace {
  /** The data Redis. */
  readonly url: string;
  readonly node: string;
  /** Must be announced (`announceIncarnation`) before the first fetch. */
  readonly incarnation: string;
  /**
   * Where a node leads: jobs with the same key are worked on one after the other, in the order of the
   * stream; `undefined` for one that waits for no other. Default: `account`, where it is a string.
   */
  readonly orderKey?: OrderKey | undefined;
  /** How often a job's handler may fail before it is parked. Default 3. */
  readonly maxAttempts?: number | undefined;
  /** How often a job may be taken back from the dead before it is tried alone. Default 3. */
  readonly recoveryLimit?: number;
  /** After a restart of Redis the absent are not judged for that long, in ms. Default 2000. */
  readonly graceMs?: number;
  /** After how long a consumer that was never announced counts as dead, in ms. Default 30 s. */
  readonly unknownAfterMs?: number;
  /** Scripts that run instead of the lane's own, for experiments with a protection less. */
  readonly scripts?: Partial<StreamScripts>;
  /** C4: asked before a job is given up for its recoveries; true completes it instead. */
  readonly committed?: (job: FetchedJob) => Promise<boolean>;
  /** The lane itself parked a job, named by its id or, when it has none, by its entry's. */
  readonly onParked?: (job: string, reason: string) => void;
  /** The store says that this term is not the current one. */
  readonly onFenced?: (token: NonNullable<LaneTerm['token']>) => void;
  /** Redis refused something. The lane goes on; connections come back by themselves. */
  readonly onTrouble?: (error: unknown) => void;
  /** Watches the connections. Default: nobody does. */
  readonly watch?: ConnectionWatch | undefined;
  readonly clock?: Clock;
  readonly timers?: Timers;
}
