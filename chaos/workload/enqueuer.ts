import type { Payment } from './payment.ts';

/**
 * What became of handing a job to the queue: `ok`, it is there; `fail`, it certainly is not; `info`,
 * nobody knows.
 */
export type EnqueueAnswer =
  { readonly type: 'ok' } | { readonly type: 'fail' | 'info'; readonly error: string };

/** Hands jobs to a queue. Disposing gives up what it holds; what is under way is not waited for. */
export interface Enqueuer extends AsyncDisposable {
  /** Resolves when the queue can be reached, or as `signal` aborts. */
  ready(signal: AbortSignal): Promise<void>;
  /** Hands over one job, once: what is unknown is not tried again. Never rejects. */
  enqueue(job: Payment): Promise<EnqueueAnswer>;
}
