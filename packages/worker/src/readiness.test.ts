import { expect, test } from 'vitest';
import { type Condition, troubleOf } from './readiness.ts';

const WELL: Condition = {
  state: 'passive',
  dataAnswers: true,
  queueUp: true,
  locksReached: [true, true, true],
};

test('a standby that could take over does its part, as an active node does', () => {
  expect(troubleOf(WELL)).toBeUndefined();
  expect(troubleOf({ ...WELL, state: 'active' })).toBeUndefined();
  expect(troubleOf({ ...WELL, locksReached: [true, false, true] })).toBeUndefined();
  expect(troubleOf({ ...WELL, state: 'active', locksReached: [] })).toBeUndefined();
});

test('each way not to do its part has a reason of its own', () => {
  const troubles = [
    { state: 'starting' },
    { state: 'starting', dataAnswers: false },
    { state: 'draining' },
    { state: 'stopped' },
    { dataAnswers: false },
    { queueUp: false },
    { locksReached: [false, true, false] },
    { locksReached: [false] },
  ] as const;
  const reasons = troubles.map((trouble) => troubleOf({ ...WELL, ...trouble }));
  expect(reasons).not.toContain(undefined);
  expect(new Set(reasons).size).toBe(troubles.length);
});

test('the reason names what is to be looked at first', () => {
  expect(troubleOf({ ...WELL, dataAnswers: false, queueUp: false })).toMatch(/data Redis/);
  expect(troubleOf({ ...WELL, locksReached: [false, true, false] })).toMatch(/1 of 3 lock nodes/);
  expect(troubleOf({ ...WELL, state: 'draining', dataAnswers: false })).toMatch(/draining/);
});
