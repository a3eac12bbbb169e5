import type { FencingToken } from '@understudy/exactly-once';

/** How the nodes of a group share the work. */
export const MODES = ['active-passive', 'active-active', 'uncoordinated'] as const;

/**
 * `active-passive`: one node leads, the others stand by. `active-active`: all nodes work, and
 * idempotent commits keep effects single. `uncoordinated`: all nodes work and nothing protects
 * the effects; it exists so that the lab has something to refute.
 */
export type Mode = (typeof MODES)[number];

/** What queues a worker can take its jobs from. */
export const LANES = ['bullmq', 'stream'] as const;

/**
 * `bullmq`: a BullMQ queue, with its tools, back-offs and delays, and no order. `stream`: a Redis
 * stream, several times as fast, which under a leader keeps the order of jobs with the same key.
 */
export type LaneName = (typeof LANES)[number];

/** The lane of a node: what its settings say wins over the definition. */
export function laneOf(
  definition: Pick<WorkerDefinition<never>, 'lane'>,
  settings: { readonly lane?: LaneName | undefined },
): LaneName {
  return settings.lane ?? definition.lane ?? 'bullmq';
}

/** The mode of a node: what its settings say wins over the definition. */
export function modeOf(
  definition: Pick<WorkerDefinition<never>, 'mode'>,
  settings: { readonly mode?: Mode | undefined },
): Mode {
  return settings.mode ?? definition.mode ?? 'active-passive';
}

/** A job as the handler sees it. */
export interface Job<T> {
  /** The caller's id of the job: its identity, however often it is enqueued or delivered. */
  readonly id: string;
  readonly data: T;
  /** How often it was fetched, this time included; starts at 1. */
  readonly attempt: number;
}

/** What a handler may use. */
export interface HandlerContext {
  /**
   * Stages a change of `account` by `amountCents` (a safe integer, negative to debit). All that
   * was staged is committed atomically when `handle` returns, and nothing when it throws.
   */
  credit(account: string, amountCents: number): void;
  /** Give it to external systems that can enforce it; `null` in an uncoordinated fleet. */
  readonly idempotencyKey: string | null;
  /** Give it to external systems that can enforce it; `null` where no epochs exist. */
  readonly fencingToken: FencingToken | null;
  /** Aborts when this node may no longer work on the job. Its effects would be refused anyway. */
  readonly signal: AbortSignal;
}

/** What a user writes. */
export interface WorkerDefinition<T> {
  /** The queue's name. */
  readonly queue: string;
  /** Default: `active-passive`. The environment's `UNDERSTUDY_MODE` wins. */
  readonly mode?: Mode;
  /** Default: `bullmq`. The environment's `UNDERSTUDY_LANE` wins. */
  readonly lane?: LaneName;
  /**
   * On the `stream` lane under a leader: jobs with the same key are handled one after the other, in
   * the order in which they were enqueued; one without a key waits for no other. A job that throws is
   * tried again while those of its key wait; one that is parked lets them go on. It must be a pure
   * function of the data; a job for which it throws is parked. Default: `account`, where that is a string.
   */
  orderKey?(data: T): string | undefined;
  /** Jobs handled at once by one node. Default 10. The environment's value wins. */
  readonly concurrency?: number;
  /** How often `handle` may throw before its job is parked. Default 3. */
  readonly maxAttempts?: number;
  /**
   * Handles one job. It may run more than once for a job; its staged effects commit exactly once.
   * Throwing consumes one of the job's attempts. It is called again for a job that was taken back
   * from a dead node, and that consumes none.
   */
  handle(job: Job<T>, context: HandlerContext): Promise<void> | void;
}

/** Declares a worker: `export default defineWorker<Payment>({ queue, handle })`. */
export function defineWorker<T>(definition: WorkerDefinition<T>): WorkerDefinition<T> {
  return definition;
}
