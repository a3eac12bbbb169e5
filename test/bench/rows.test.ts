import { expect, test } from 'vitest';
import { atLeast, atMost } from './measurement.ts';
import { MEASUREMENTS } from './rows/index.ts';
import { nothingLost } from './rows/processes.ts';

test('every row has a name of its own', () => {
  const names = MEASUREMENTS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test('a limit is held when it is met, and not by what is no number', () => {
  expect(atMost('p50', 15, 15, 'ms')).toEqual({ text: 'p50 ≤ 15 ms', held: true });
  expect(atMost('p50', 15.1, 15, 'ms').held).toBe(false);
  expect(atMost('p50', Number.NaN, 15, 'ms').held).toBe(false);
  expect(atLeast('ratio', 0.8, 0.8)).toEqual({ text: 'ratio ≥ 0.8', held: true });
  expect(atLeast('ratio', Number.NaN, 0.8).held).toBe(false);
});

test('a process more that makes all of them slower is a loss, each against the count before it', () => {
  const held = (rates: [number, number][]): unknown[] =>
    nothingLost(rates).map((each) => each.held);
  expect(
    held([
      [1, 100],
      [2, 180],
      [4, 178],
    ]),
  ).toEqual([true, true]);
  expect(
    held([
      [1, 100],
      [2, 180],
      [4, 150],
    ]),
  ).toEqual([true, false]);
  expect(
    held([
      [1, 100],
      [2, 90],
      [4, 180],
    ]),
  ).toEqual([false, true]);
});
