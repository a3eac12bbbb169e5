import { messageOf } from '@understudy/runtime';
import type { EnqueueAnswer } from './enqueuer.ts';

/**
 * With these Redis refuses a command before it has written anything: full, still reading its data,
 * a replica, unable to write to its disk.
 */
const REFUSED = /^(OOM|LOADING|READONLY|MISCONF) /;

/** What is known of a job whose enqueueing Redis answered with an error, or not at all. */
export function answerOf(error: unknown): EnqueueAnswer {
  const type = error instanceof Error && REFUSED.test(error.message) ? 'fail' : 'info';
  return { type, error: messageOf(error) };
}
