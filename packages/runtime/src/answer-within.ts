import { sleep, type Timers } from './timers.ts';

/**
 * What `answer` resolves with, or `undefined` when it rejects or has not come after `limitMs`: for
 * whoever looks at something and must not be kept waiting by it.
 */
export async function answerWithin<T>(
  timers: Timers,
  limitMs: number,
  answer: Promise<T>,
): Promise<T | undefined> {
  const answered = new AbortController();
  const known = answer.catch(() => undefined);
  const limit = sleep(timers, limitMs, answered.signal).then(() => undefined);
  try {
    return await Promise.race([known, limit]);
  } finally {
    answered.abort();
  }
}
