import type { FencingToken } from '@understudy/exactly-once';

/** What a wrapped processor gets beside BullMQ's job. */
export interface SafeContext {
  /**
   * Stages a change of `account` by `amountCents` (a safe integer, negative to debit). All that was
   * staged is committed atomically when the processor returns, and nothing when it throws.
   */
  credit(account: string, amountCents: number): void;
  /** The caller's id of the job. Give it to external systems that can enforce it. */
  readonly idempotencyKey: string;
  /** Give it to external systems that can enforce it; `null` without a leader. */
  readonly fencingToken: FencingToken | null;
  /**
   * Aborts when this process may no longer work on the job, and when BullMQ cancels it. When the
   * term ends nobody waits for the processor any more: its job is handed back at once.
   */
  readonly signal: AbortSignal;
  /** BullMQ's own token of the job, for `job.moveToDelayed()` and the like. */
  readonly token: string | undefined;
}
