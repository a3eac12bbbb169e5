import { scriptOf } from '@understudy/redis';
import { invariant } from '@understudy/runtime';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ledgerScripts } from './scripts.ts';
import { newGroup, request, TestStore } from './store.test-support.ts';

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.start();
});
afterAll(() => store[Symbol.asyncDispose]());

/** The scripts with pages so small that a few dozen numbers do all that can be done to them. */
const scripts = Object.fromEntries(
  (['commit', 'lookup', 'forgetProducers'] as const).map((name) => {
    let { text } = ledgerScripts[name];
    for (const [line, instead] of [
      ['local PAGE = 4096', 'local PAGE = 8'],
      ['local MOST_GAPS = 64', 'local MOST_GAPS = 2'],
    ] as const) {
      invariant(text.split(line).length === 2, `${line} stands once in ${name}`);
      text = text.replace(line, instead);
    }
    return [name, scriptOf(text)];
  }),
);

const numbered = fc.record({
  producer: fc.constantFrom('p', 'q'),
  number: fc.oneof({ weight: 4, arbitrary: fc.nat({ max: 50 }) }, fc.nat({ max: 5000 })),
});
const step = fc.oneof(
  { weight: 6, arbitrary: fc.array(numbered, { minLength: 1, maxLength: 30 }) },
  // A producer at work: numbers one after the other, with some left out.
  {
    weight: 3,
    arbitrary: fc
      .record({ from: fc.nat({ max: 40 }), without: fc.array(fc.nat({ max: 40 })) })
      .map(({ from, without }) =>
        Array.from({ length: 30 }, (_, i) => ({ producer: 'p', number: from + i })).filter(
          ({ number }) => !without.includes(number),
        ),
      ),
  },
  // Whether the jobs of before may still be delivered.
  { weight: 1, arbitrary: fc.record({ maintain: fc.boolean() }) },
);

test('C2: whatever numbers come in whatever order, each is applied once, folded or not', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const ledger = store.ledger({ group: newGroup(), windowMs: 0, scripts });
      await ledger.ready();
      const applied = new Set<string>();
      for (const one of steps) {
        if ('maintain' in one) {
          const { keys } = await ledger.maintain(one.maintain ? 0 : null);
          if (one.maintain) continue;
          // Nothing is counted of what is forgotten: the counts agree with what they count.
          expect(keys).toBe(0);
          applied.clear();
          continue;
        }
        const outcomes = await Promise.all(
          one.map((sequence) => {
            const job = `${sequence.producer}-${sequence.number}`;
            return ledger.commit(request({ job, sequence }));
          }),
        );
        const expected = one.map(({ producer, number }) => {
          const known = applied.has(`${producer} ${number}`);
          applied.add(`${producer} ${number}`);
          return known ? 'duplicate' : 'applied';
        });
        expect(outcomes.map(({ status }) => status)).toEqual(expected);
      }
      for (const name of applied) {
        const [producer = '', number] = name.split(' ');
        const found = await ledger.lookup('any', { producer, number: Number(number) });
        expect(found).toEqual({ position: null });
      }
      await ledger[Symbol.asyncDispose]();
    }),
    { numRuns: 60 },
  );
});
