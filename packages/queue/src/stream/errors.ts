import { UnderstudyError } from '@understudy/runtime';

/**
 * Thrown by `enqueue` when the producer was told to stop while there was no room for the job. Nothing
 * was enqueued. Enqueue it again later.
 */
export class QueueFull extends UnderstudyError {
  readonly code = 'QUEUE_FULL';
  readonly retriable = true;

  constructor(job: string, maxLength: number) {
    super(
      `job ${JSON.stringify(job)} was not enqueued: ${maxLength} jobs or more are not done, and the producer was told to stop while it waited for room. Enqueue it again when workers have caught up.`,
      { context: { jobId: job, maxLength } },
    );
  }
}
