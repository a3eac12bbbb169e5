import { ManualTime } from '@understudy/runtime';
import { expect, test } from 'vitest';
import { LoopLag } from './loop-lag.ts';

/** Time whose timers run late: by how much, a test says. */
class LateTime extends ManualTime {
  lateMs = 0;

  override monotonicMs(): number {
    return super.monotonicMs() + this.lateMs;
  }
}

test('a loop that is on time has no lag, before its first second as after it', () => {
  const time = new LateTime();
  const lag = new LoopLag(time, time);
  expect(lag.seconds()).toBe(0);
  time.advance(5000);
  expect(lag.seconds()).toBe(0);
  lag.stop();
  expect(time.pending).toBe(0);
});

test('one long stall shows for a second, and then no more', () => {
  const time = new LateTime();
  const lag = new LoopLag(time, time);
  time.advance(500);
  // Whatever was due ran 250 ms late.
  time.lateMs = 250;
  time.advance(20);
  expect(lag.seconds()).toBeCloseTo(0.25);
  time.advance(960);
  expect(lag.seconds()).toBeCloseTo(0.25);
  time.advance(60);
  expect(lag.seconds()).toBe(0);
  lag.stop();
});
