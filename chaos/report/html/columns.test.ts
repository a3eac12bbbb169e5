import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unpack } from './client/unpack.ts';
import { pack } from './columns.ts';

test('what is packed is unpacked as it was, whatever the numbers and their order', () => {
  const whole = fc.integer({ min: -(2 ** 50), max: 2 ** 50 });
  fc.assert(
    fc.property(fc.array(whole), (numbers) => {
      expect([...unpack(pack(numbers), numbers.length)]).toEqual(numbers);
    }),
  );
});

test('numbers that differ little from their neighbours take a byte each', () => {
  const numbers = Array.from({ length: 3000 }, (_, index) => 1_000_000 + index * 25);
  expect(pack(numbers).length).toBeLessThan(3000 * 1.34 + 10);
});
