import { expect, it } from 'vitest';
import { exitStatusOf, worstOf } from './exit-status.ts';
import { nearest, unknownName } from './nearest.ts';

const NAMES = ['kill-leader', 'pause-leader', 'stop-leader', 'failover', 'random'];

it.each([
  ['kill-leder', 'kill-leader'],
  ['Failover', 'failover'],
  ['pause', 'pause-leader'],
  ['radnom', 'random'],
])('suggests for %s the name %s', (given, expected) => {
  expect(nearest(given, NAMES)).toBe(expected);
});

it('names the nearest one without guessing when every name is far from what was given', () => {
  expect(unknownName('experiment', 'xyzzy', NAMES)).toMatch(
    /^unknown experiment "xyzzy"\. The nearest name is \S+\. There are: kill-leader, /,
  );
  expect(unknownName('experiment', 'kill-leder', NAMES)).toContain('Did you mean kill-leader?');
});

it('never exits with 1 for a verdict', () => {
  const statuses = ['pass', 'fail', 'inconclusive', 'interrupted'] as const;
  expect(statuses.map(exitStatusOf)).toEqual([0, 99, 98, 130]);
});

it('of several runs the worst status wins', () => {
  expect(worstOf(['pass', 'inconclusive', 'fail'])).toBe('fail');
  expect(worstOf(['pass', 'inconclusive'])).toBe('inconclusive');
  expect(worstOf(['pass', 'pass'])).toBe('pass');
  expect(worstOf(['fail', 'interrupted'])).toBe('interrupted');
});
