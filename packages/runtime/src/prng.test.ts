import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvariantViolation } from './invariant.ts';
import { seededPrng } from './prng.ts';

test('the same seed gives the same numbers, and another seed gives others', () => {
  const draw = (seed: number): number[] => {
    const prng = seededPrng(seed);
    return Array.from({ length: 5 }, () => prng.integer(0, 1_000_000));
  };
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});

test('these numbers never change: a seed printed by an older version still repeats its run', () => {
  const prng = seededPrng(7);
  expect(Array.from({ length: 4 }, () => prng.integer(0, 999))).toMatchInlineSnapshot(`
    [
      226,
      772,
      400,
      182,
    ]
  `);
});

test('whole numbers stay within their range and reach both of its ends', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: -50, max: 50 }), fc.nat(3), (seed, min, span) => {
      const prng = seededPrng(seed);
      const drawn = new Set(Array.from({ length: 400 }, () => prng.integer(min, min + span)));
      expect([...drawn].sort((a, b) => a - b)).toEqual(
        Array.from({ length: span + 1 }, (_, i) => min + i),
      );
    }),
    { numRuns: 50 },
  );
});

test('a fork does not disturb the source it came from', () => {
  const plain = seededPrng('x');
  const forked = seededPrng('x');
  const fork = forked.fork('schedule');
  fork.float();
  fork.float();
  expect(forked.float()).toBe(plain.float());
});

test('picking from nothing is a broken invariant', () => {
  expect(() => seededPrng(1).pick([])).toThrow(InvariantViolation);
});
