import { expect, test } from 'vitest';
import { faultParameters } from './fault-parameters.ts';
import { UsageError } from './usage-error.ts';

test('durations, numbers and words become what a fault takes', () => {
  const set = ['delay=80ms', 'redis=data', 'passing=3', 'spin=true'];
  expect(faultParameters({ for: '2s', set })).toEqual({
    ...{ for: '2s', delay: '80ms', redis: 'data' },
    ...{ passing: 3, spin: true },
  });
});

test.each([['delay'], ['=80ms'], ['delay='], ['de lay=1']])('%j is no parameter', (text) => {
  expect(() => faultParameters({ set: [text] })).toThrow(UsageError);
});

test('a parameter that is given twice is refused, by whichever option', () => {
  expect(() => faultParameters({ for: '2s', set: ['for=3s'] })).toThrow('for is given twice');
});
