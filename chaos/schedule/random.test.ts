import { seededPrng } from '@understudy/runtime';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomSchedule, type RandomScheduleOptions } from './random.ts';

const options: RandomScheduleOptions = {
  steps: 8,
  within: { fromMs: 500, untilMs: 9000 },
  kinds: ['kill', 'stop', 'pause'],
  targets: ['leader', 'any'],
  pauseMs: { min: 200, max: 3500 },
  restartAfterMs: { min: 100, max: 900 },
};

test('the same seed gives the same schedule, another seed another', () => {
  const make = (seed: number): string => JSON.stringify(randomSchedule(seededPrng(seed), options));
  expect(make(7)).toBe(make(7));
  expect(make(7)).not.toBe(make(8));
});

test('every step is within the bounds, in the order in which it fires', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 0, max: 20 }), (seed, steps) => {
      const schedule = randomSchedule(seededPrng(seed), { ...options, steps });
      const moments = schedule.map(({ trigger }) => (trigger.kind === 'at' ? trigger.atMs : -1));
      expect(schedule).toHaveLength(steps);
      expect(moments).toEqual(moments.toSorted((a, b) => a - b));
      for (const { fault, target, parameters } of schedule) {
        expect(options.kinds).toContain(fault);
        expect(options.targets).toContain(target);
        const bounds = fault === 'pause' ? options.pauseMs : options.restartAfterMs;
        const duration = Number(parameters.for ?? parameters.restartAfter);
        expect(duration).toBeGreaterThanOrEqual(bounds.min);
        expect(duration).toBeLessThanOrEqual(bounds.max);
      }
      for (const moment of moments) {
        expect(moment).toBeGreaterThanOrEqual(500);
        expect(moment).toBeLessThanOrEqual(9000);
      }
    }),
  );
});

test('without a rate the moments are told in effects', () => {
  const within = { fromEffects: 10, untilEffects: 80 };
  const [first] = randomSchedule(seededPrng(1), { ...options, within });
  expect(first?.trigger.kind).toBe('after-effects');
});
