import { expect, test } from 'vitest';
import { InvalidSchedule } from '../errors.ts';
import { parseDuration } from './duration.ts';

test('a duration is milliseconds, or a number with its unit', () => {
  expect(parseDuration(250)).toBe(250);
  expect(parseDuration('500ms')).toBe(500);
  expect(parseDuration('2s')).toBe(2000);
  expect(parseDuration(' 1.5s ')).toBe(1500);
  expect(parseDuration('1m')).toBe(60_000);
  expect(parseDuration('0s')).toBe(0);
});

test('what is no duration is refused, and the message says how to write one', () => {
  for (const wrong of ['', '2', '2 s', '-1s', '2h', 's', -1, Number.NaN, Infinity, '61m']) {
    expect(() => parseDuration(wrong)).toThrow(InvalidSchedule);
  }
  expect(() => parseDuration('2h')).toThrow(/"2h" is not a duration: write milliseconds/);
});
