import { UnderstudyError } from '@understudy/runtime';

/**
 * Thrown at construction when options are wrong, or a worker cannot be wrapped; names everything
 * that is wrong at once, and what to do about it.
 */
export class InvalidOptions extends UnderstudyError {
  readonly code = 'INVALID_OPTIONS';
  readonly retriable = false;

  constructor(what: string, faults: readonly string[]) {
    super(`${what} cannot be used like this:\n  ${faults.join('\n  ')}`, { context: { faults } });
  }
}

/**
 * Thrown to BullMQ when a job was handed back: it is in the queue again, and no attempt was
 * consumed. BullMQ recognises by the name that the job is not active any more and leaves it alone;
 * that way it need not be the class of the BullMQ at hand.
 */
export class HandedBack extends UnderstudyError {
  readonly code = 'HANDED_BACK';
  readonly retriable = true;

  constructor(job: string, why: string) {
    super(`job ${JSON.stringify(job)} was handed back: ${why}`, { context: { job } });
    // Also known to a BullMQ 5 from before WaitingError, and treated alike.
    this.name = 'DelayedError';
  }
}

/**
 * Thrown to BullMQ when a job can never commit: whatever attempts are left, BullMQ moves it to its
 * failed set, with this message. It goes by the name of BullMQ's own class for this.
 */
export class CannotCommit extends UnderstudyError {
  readonly code = 'CANNOT_COMMIT';
  readonly retriable = false;

  constructor(job: string, why: string) {
    super(`job ${JSON.stringify(job)} was refused: ${why}`, { context: { job } });
    this.name = 'UnrecoverableError';
  }
}

const MOVED: readonly string[] = ['DelayedError', 'WaitingError', 'WaitingChildrenError'];
const RATE_LIMITED = 'bullmq:rateLimitExceeded';

/** Whether BullMQ takes what a processor threw not for a failure, but for "I moved it myself". */
export function isMoved(error: unknown): boolean {
  return error instanceof Error && (MOVED.includes(error.name) || error.message === RATE_LIMITED);
}
