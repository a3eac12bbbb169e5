import { seededPrng } from '@understudy/runtime';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type RandomFault, randomSchedule, type RandomScheduleOptions, stepsAt } from './random.ts';

const options: RandomScheduleOptions = {
  steps: 8,
  within: { fromMs: 500, untilMs: 9000 },
  menu: [
    ending('kill'),
    ending('stop'),
    {
      fault: 'pause',
      targets: ['leader', 'any'],
      parameters: (prng) => ({ for: prng.integer(200, 3500) }),
    },
  ],
};
const kinds = options.menu.map(({ fault }) => fault);

function ending(fault: 'kill' | 'stop'): RandomFault {
  const targets = ['leader', 'any'] as const;
  return { fault, targets, parameters: (prng) => ({ restartAfter: prng.integer(100, 900) }) };
}

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
        expect(kinds).toContain(fault);
        expect(['leader', 'any']).toContain(target);
        const bounds = fault === 'pause' ? { min: 200, max: 3500 } : { min: 100, max: 900 };
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

test('each kind comes as often as it must', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 6, max: 12 }), (seed, steps) => {
      const schedule = randomSchedule(seededPrng(seed), { ...options, steps, atLeastEach: 2 });
      expect(schedule).toHaveLength(steps);
      for (const kind of kinds) {
        const times = schedule.filter(({ fault }) => fault === kind).length;
        expect(times).toBeGreaterThanOrEqual(2);
      }
    }),
  );
});

test('a rate gives the number of steps of its window, and one at least', () => {
  expect(stepsAt(30, { fromMs: 1000, untilMs: 61_000 })).toBe(30);
  expect(stepsAt(1, { fromMs: 0, untilMs: 10 })).toBe(1);
});

test('evenly spread, each slot of the window has one step', () => {
  const schedule = randomSchedule(seededPrng(3), { ...options, spread: 'even' });
  const slotMs = (9000 - 500) / options.steps;
  const slots = schedule.map(({ trigger }) =>
    trigger.kind === 'at' ? Math.floor((trigger.atMs - 500 + 1) / slotMs) : -1,
  );
  expect(slots).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});
