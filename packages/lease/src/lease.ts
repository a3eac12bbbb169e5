import type { ConnectionWatch } from '@understudy/redis';
import type { Clock, NewId, Prng, Timers } from '@understudy/runtime';
import type { EpochStore } from './epoch-store.ts';
import type { FencingToken } from './fencing-token.ts';
import type { LeaseChange, LeaseLogEvent } from './lease-change.ts';
import type { LeaseScripts } from './scripts.ts';
import type { LeaseSettings } from './settings.ts';

/** Options of `createLease`; times have defaults, see `LeaseSettings`. */
export interface LeaseOptions extends Partial<LeaseSettings> {
  /** What is led: nodes of one group compete. */
  readonly group: string;
  readonly nodeId: string;
  /** Random id of this start of the node. */
  readonly incarnation: string;
  /** The lock nodes, in the same order everywhere: an odd number of independent Redis servers. */
  readonly lockUrls: readonly string[];
  readonly store: EpochStore;
  /** Scripts that run instead of the lease's own, for experiments with a protection less. */
  readonly scripts?: Partial<LeaseScripts>;
  /** Told of every change, in order. What it throws is thrown again as an uncaught exception. */
  onChange(change: LeaseChange): void;
  readonly clock?: Clock;
  readonly timers?: Timers;
  readonly prng?: Prng;
  readonly newId?: NewId;
  readonly log?: (event: LeaseLogEvent) => void;
  /** Watches the connections. Default: nobody does. */
  readonly watch?: ConnectionWatch | undefined;
}

/** A term that leads. */
export interface Leadership {
  readonly token: FencingToken;
  /** Aborts when the term ends. */
  readonly signal: AbortSignal;
  /** When the term ends unless the lease is extended, on the lease's monotonic clock (L2). */
  readonly deadlineMs: number;
}

/** A right to lead that is sought, held and lost again, until it is stopped. */
export interface Lease extends AsyncDisposable {
  /** Begins to stand by. A second call does nothing. */
  start(): void;
  /** The term that leads right now, if it is this one. Looks at the deadline (L2). */
  readonly leadership: Leadership | undefined;
  /** A commit with `token` was answered `fenced` (L6). Ignored unless that term leads. */
  fenced(token: FencingToken): void;
  /**
   * Releases on every lock node, drops presence, contends no more, closes its connections (L11).
   * Resolves within a few command time-outs. Idempotent.
   */
  stop(): Promise<void>;
}
