import { ManualTime } from '@understudy/runtime';
import { expect, test } from 'vitest';
import { watchStalls } from './stall-watch.ts';

test('a timer that fires more than 100 ms late is a stall, an ordinary delay is none', () => {
  const time = new ManualTime();
  let stoodStillMs = 0;
  const stalls: number[] = [];
  const clock = { ...time, monotonicMs: () => time.monotonicMs() + stoodStillMs, wallMs: () => 0 };
  {
    using _watch = watchStalls(clock, time, (durationMs) => stalls.push(durationMs));
    time.advance(100);
    stoodStillMs += 90;
    time.advance(20);
    stoodStillMs += 250;
    time.advance(20);
    time.advance(100);
  }
  expect(stalls).toEqual([250]);
  expect(time.pending).toBe(0);
});
