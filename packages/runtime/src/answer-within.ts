import type { Timers } from './timers.ts';

/**
 * What `answer` resolves with, or `undefined` when it rejects or has not come after `limitMs`: for
 * whoever looks at something and must not be kept waiting by it.
 */
export async function answerWithin<T>(
  timers: Timers,
  limitMs: number,
  answer: Promise<T>,
): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<T | undefined>();
  const cancel = timers.after(limitMs, () => resolve(undefined));
  answer.then(resolve, () => resolve(undefined));
  const known = await promise;
  cancel();
  return known;
}
