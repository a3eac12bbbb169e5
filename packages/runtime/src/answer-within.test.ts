import { expect, test } from 'vitest';
import { answerWithin } from './answer-within.ts';
import { ManualTime } from './manual-time.ts';

test('an answer in time is the answer, and leaves no timer behind', async () => {
  const time = new ManualTime();
  expect(await answerWithin(time, 100, Promise.resolve(7))).toBe(7);
  expect(time.pending).toBe(0);
});

test('whoever asks is not kept waiting by an answer that does not come', async () => {
  const time = new ManualTime();
  const never = new Promise<number>(() => undefined);
  const asked = answerWithin(time, 100, never);
  time.advance(100);
  expect(await asked).toBeUndefined();
});

test('a refusal is no answer, whether it comes in time or later', async () => {
  const time = new ManualTime();
  expect(await answerWithin(time, 100, Promise.reject(new Error('no')))).toBeUndefined();
  const late = Promise.withResolvers<number>();
  const asked = answerWithin(time, 100, late.promise);
  time.advance(100);
  expect(await asked).toBeUndefined();
  // Rejected unheard it would end the process.
  late.reject(new Error('no'));
});
