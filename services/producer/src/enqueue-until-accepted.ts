import type { Producer } from '@understudy/queue';
import { messageOf, sleep, type Timers } from '@understudy/runtime';
import type { Logger } from '@understudy/telemetry';

const PAUSE_MS = 500;

/** How a job is enqueued, and who is told. */
export interface EnqueueOptions {
  readonly producer: Pick<Producer, 'enqueue'>;
  /** Aborts when the producer is to stop. */
  readonly signal: AbortSignal;
  readonly timers: Timers;
  readonly log: Logger;
  onEnqueued(): void;
  onRefused(): void;
}

/**
 * Enqueues a job, and again as long as it is refused: its identity is its id, so a refusal that was
 * none makes no second effect. Resolves when it is accepted, or at a refusal after `signal` aborted.
 */
export async function enqueueUntilAccepted(
  options: EnqueueOptions,
  job: Record<string, unknown> & { id: string },
): Promise<void> {
  const { producer, signal, timers, log } = options;
  while (true) {
    try {
      await producer.enqueue(job);
      options.onEnqueued();
      return;
    } catch (error) {
      options.onRefused();
      log.warn({ jobId: job.id, reason: messageOf(error) }, 'job refused; it is enqueued again');
    }
    await sleep(timers, PAUSE_MS, signal);
    if (signal.aborted) return;
  }
}
