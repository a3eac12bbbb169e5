import type { StallOperation } from '@understudy/history';
import { expect, test } from 'vitest';
import { Stalls } from './stalls.ts';

/** The lab stood still for `durationMs` until `at`. */
function stall(at: number, durationMs: number): StallOperation {
  return { seq: 1, at, process: 'lab', op: 'stall', type: 'info', durationMs };
}

test('only the part of a stall that lies in the span counts', () => {
  const stalls = new Stalls();
  stalls.add(stall(300, 100));
  stalls.add(stall(900, 50));
  expect(stalls.withinMs(0, 1000)).toBe(150);
  expect(stalls.withinMs(250, 260)).toBe(10);
  expect(stalls.withinMs(280, 870)).toBe(40);
  expect(stalls.withinMs(300, 850)).toBe(0);
});

test('stalls that overlap are one stall', () => {
  const stalls = new Stalls();
  stalls.add(stall(300, 100));
  stalls.add(stall(350, 100));
  stalls.add(stall(360, 20));
  expect(stalls.withinMs(0, 1000)).toBe(160);
});

test('the longest stall counts whole where it touches the time', () => {
  const stalls = new Stalls();
  stalls.add(stall(300, 100));
  stalls.add(stall(900, 50));
  expect(stalls.longestMs(290, 1000)).toBe(100);
  expect(stalls.longestMs(400, 1000)).toBe(50);
  expect(stalls.longestMs(400, 800)).toBe(0);
});
