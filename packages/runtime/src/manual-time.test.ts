import { expect, test } from 'vitest';
import { ManualTime } from './manual-time.ts';
import { sleep } from './timers.ts';

test('callbacks run in the order they fall due, each at its own time', () => {
  const time = new ManualTime(100);
  const seen: string[] = [];
  time.after(20, () => seen.push(`b@${time.monotonicMs()}`));
  time.after(10, () => seen.push(`a@${time.monotonicMs()}`));
  time.after(20, () => seen.push(`c@${time.monotonicMs()}`));
  time.advance(25);
  expect(seen).toEqual(['a@110', 'b@120', 'c@120']);
  expect(time.monotonicMs()).toBe(125);
});

test('a callback may schedule another that falls due within the same advance', () => {
  const time = new ManualTime();
  const seen: number[] = [];
  time.after(5, () => time.after(5, () => seen.push(time.monotonicMs())));
  time.advance(10);
  expect(seen).toEqual([10]);
});

test('a periodic callback runs once a period until it is cancelled', () => {
  const time = new ManualTime();
  let runs = 0;
  const cancel = time.every(10, () => {
    runs += 1;
    if (runs === 3) cancel();
  });
  time.advance(100);
  expect(runs).toBe(3);
  expect(time.pending).toBe(0);
});

test('a sleep ends when its signal aborts, and leaves no timer behind', async () => {
  const time = new ManualTime();
  const abort = new AbortController();
  const slept = sleep(time, 1000, abort.signal);
  abort.abort();
  await slept;
  expect(time.pending).toBe(0);
  expect(time.monotonicMs()).toBe(0);
});

test('a sleep whose signal has aborted before does not wait', async () => {
  const time = new ManualTime();
  await sleep(time, 1000, AbortSignal.abort());
  expect(time.pending).toBe(0);
});
