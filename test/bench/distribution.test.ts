import { describe, expect, test } from 'vitest';
import { distributionOf, milliseconds, quantile, spread } from './distribution.ts';

const HUNDRED = Array.from({ length: 100 }, (_, i) => 100 - i);

describe('quantiles', () => {
  test('are values that were measured, by nearest rank, in whatever order they came', () => {
    expect(quantile(HUNDRED, 0.5)).toBe(50);
    expect(quantile(HUNDRED, 0.95)).toBe(95);
    expect(quantile(HUNDRED, 0.951)).toBe(96);
    expect(quantile([7], 0.99)).toBe(7);
  });

  test('at the ends are the least and the greatest', () => {
    expect([quantile(HUNDRED, 0), quantile(HUNDRED, 1)]).toEqual([1, 100]);
  });

  test('of few values never hide the worst one', () => {
    expect(quantile([1, 1, 1, 1, 1, 900], 0.95)).toBe(900);
  });

  test('sort numbers, not their digits, and leave the list as it was', () => {
    const values = [10, 9, 100];
    expect(quantile(values, 0.5)).toBe(10);
    expect(values).toEqual([10, 9, 100]);
  });

  test('of nothing are no number, so that no limit is kept by it', () => {
    expect(quantile([], 0.5) <= 1000).toBe(false);
  });
});

describe('a distribution', () => {
  test('has its quantiles, its ends and the raw values', () => {
    expect(distributionOf([3, 1, 2.00049])).toEqual({
      ...{ n: 3, min: 1, p50: 2, p95: 3, p99: 3, max: 3 },
      values: [3, 1, 2],
    });
  });

  test('of very many values is kept without them', () => {
    const { values, n, max } = distributionOf(Array.from({ length: 5000 }, (_, i) => i));
    expect({ values, n, max }).toEqual({ values: undefined, n: 5000, max: 4999 });
  });

  test('of nothing, or of what is no number, is refused', () => {
    expect(() => distributionOf([])).toThrow(RangeError);
    expect(() => distributionOf([1, Number.NaN])).toThrow(RangeError);
  });
});

test('times are told in the unit that reads best', () => {
  expect([milliseconds(12.34), milliseconds(12_340)]).toEqual(['12.3 ms', '12.3 s']);
  expect(spread(HUNDRED, [50, 99])).toBe('p50 50.0 ms, p99 99.0 ms');
});
