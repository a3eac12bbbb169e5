import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { effectSchema, endSchema, enqueueSchema, faultSchema } from './operation.ts';
import { quickCheck } from './quick-check.ts';

const EFFECT = {
  seq: 7,
  at: 12.5,
  process: 'ledger',
  op: 'effect',
  type: 'ok',
  job: 'p-1',
  node: 'node-1',
  epoch: 0,
  position: 3,
  id: '1-0',
  amountCents: -100,
  source: 'live',
};

describe('the quick check', () => {
  test('accepts what it is for, with and without optional and unknown fields', () => {
    const accepts = quickCheck(effectSchema);
    expect(accepts(EFFECT)).toBe(true);
    expect(accepts({ ...EFFECT, key: 'p-1', colour: 'blue' })).toBe(true);
  });

  test('leaves what is not plain to the schema', () => {
    const end = { queue: {}, pendingJobs: [], parkedJobs: [], entriesAdded: 0, entriesRead: 0 };
    const common = { seq: 1, at: 0, process: 'ledger', op: 'end', type: 'ok' };
    expect(endSchema.safeParse({ ...common, ...end }).success).toBe(true);
    expect(quickCheck(endSchema)({ ...common, ...end })).toBe(false);
    expect(quickCheck(z.object({ a: z.string().regex(/x/) }))({ a: 'x' })).toBe(false);
    expect(quickCheck(z.object({ a: z.number().multipleOf(2) }))({ a: 2 })).toBe(false);
  });

  const scrap = fc.oneof(
    fc.string({ maxLength: 3 }),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constantFrom(undefined, null, 0, -0, 2 ** 53, '', [], {}),
  );

  test.each([
    ['enqueue', enqueueSchema],
    ['effect', effectSchema],
    ['fault', faultSchema],
  ])('accepts nothing the schema of %s refuses', (_, schema) => {
    const accepts = quickCheck(schema);
    const names = Object.keys(schema.shape);
    const example = { ...EFFECT, op: schema.shape.op.value };
    const change = fc.record({ name: fc.constantFrom(...names), value: scrap });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const value: Record<string, unknown> = { ...example };
        for (const { name, value: changed } of changes) value[name] = changed;
        if (accepts(value)) expect(schema.safeParse(value).success).toBe(true);
        expect(accepts({ ...EFFECT, seq: 0 })).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});
