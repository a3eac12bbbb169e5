import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ddmin } from './ddmin.ts';

/** Drives the search with a predicate; returns what it found and all it asked. */
function search<T>(
  items: readonly T[],
  reproduces: (part: readonly T[]) => boolean,
): { found: readonly T[]; asked: (readonly T[])[] } {
  const asked: (readonly T[])[] = [];
  const searching = ddmin(items);
  let step = searching.next();
  while (step.done !== true) {
    asked.push(step.value);
    step = searching.next(reproduces(step.value));
  }
  return { found: step.value, asked };
}

const numbers = (length: number): number[] => Array.from({ length }, (_, i) => i);

/** Items, and a predicate that is as arbitrary as can be, but for the whole reproducing. */
const anyPredicate = fc.record({
  length: fc.integer({ min: 0, max: 9 }),
  decide: fc.func(fc.boolean()),
});

test('the two steps that it takes are found among many', () => {
  const { found, asked } = search(numbers(40), (part) => part.includes(7) && part.includes(31));
  expect(found).toEqual([7, 31]);
  expect(asked.length).toBeLessThan(100);
});

test('what needs nothing at all is found at once', () => {
  expect(search(numbers(12), () => true)).toEqual({ found: [], asked: [[]] });
});

test('of what needs everything nothing is left out', () => {
  expect(search(numbers(5), (part) => part.length === 5).found).toEqual(numbers(5));
});

test('when some items are needed and any others do no harm, exactly those are found', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 24 }),
      fc.infiniteStream(fc.boolean()),
      (length, coins) => {
        const items = numbers(length);
        const needed = items.filter(() => coins.next().value === true);
        const { found } = search(items, (part) => needed.every((item) => part.includes(item)));
        expect(found).toEqual(needed);
      },
    ),
  );
});

test('whatever the predicate: what is found reproduces, in order, and without any one item it does not', () => {
  fc.assert(
    fc.property(anyPredicate, ({ length, decide }) => {
      const items = numbers(length);
      const reproduces = (part: readonly number[]): boolean =>
        part.length === length || decide(part.join());
      const { found } = search(items, reproduces);
      expect(reproduces(found)).toBe(true);
      expect(found).toEqual(items.filter((item) => found.includes(item)));
      for (const item of found) {
        expect(reproduces(found.filter((other) => other !== item))).toBe(false);
      }
    }),
  );
});

test('no candidate is asked for twice, the whole never, and there are at most n² + 3n of them', () => {
  fc.assert(
    fc.property(anyPredicate, ({ length, decide }) => {
      const { asked } = search(numbers(length), (part) => decide(part.join()));
      const names = asked.map((part) => part.join());
      expect(new Set(names).size).toBe(names.length);
      if (length > 0) expect(names).not.toContain(numbers(length).join());
      expect(asked.length).toBeLessThanOrEqual(length ** 2 + 3 * length + 1);
    }),
  );
});
