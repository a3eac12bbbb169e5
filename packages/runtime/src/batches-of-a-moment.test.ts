import { expect, test } from 'vitest';
import { Batches } from './batches.ts';

/** Batches whose calls a test answers. */
function stage(most: number) {
  const calls: { items: readonly number[]; answer: () => void; fail: (error: Error) => void }[] =
    [];
  const unbounded = Number.POSITIVE_INFINITY;
  const batches = new Batches<number, string>(
    { mostRequests: most, mostBytes: unbounded, overlapFrom: unbounded, momentTogether: true },
    () => 1,
    (items) => {
      const { promise, resolve, reject } = Promise.withResolvers<string[]>();
      calls.push({ items, answer: () => resolve(items.map(String)), fail: reject });
      return promise;
    },
  );
  return { calls, batches };
}

test('what is asked in one moment travels together, and what is asked meanwhile in the next call', async () => {
  const { calls, batches } = stage(9);
  const first = [batches.ask(1), batches.ask(2)];
  await Promise.resolve();
  const later = [batches.ask(3), batches.ask(4)];
  expect(calls.map(({ items }) => items)).toEqual([[1, 2]]);
  calls[0]?.answer();
  expect(await Promise.all(first)).toEqual(['1', '2']);
  calls[1]?.answer();
  expect(await Promise.all(later)).toEqual(['3', '4']);
  expect(calls.map(({ items }) => items)).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

test('a call carries no more than it may, and one that fails says so to those it carried alone', async () => {
  const { calls, batches } = stage(2);
  const asked = [batches.ask(1), batches.ask(2), batches.ask(3)];
  await Promise.resolve();
  expect(calls[0]?.items).toEqual([1, 2]);
  calls[0]?.fail(new Error('no'));
  await expect(asked[0]).rejects.toThrow('no');
  await expect(asked[1]).rejects.toThrow('no');
  calls[1]?.answer();
  expect(await asked[2]).toBe('3');
  const again = batches.ask(4);
  await Promise.resolve();
  calls[2]?.answer();
  expect(await again).toBe('4');
});
