import { expect, test } from 'vitest';
import { calm } from '../experiments/calm.ts';
import { sabotage } from './option-values.ts';
import { modesOf } from './requests.ts';
import { UsageError } from './usage-error.ts';

const leaderOnly = { ...calm, name: 'leader-only', modes: ['active-passive'] as const };

test('without a mode an experiment runs in both coordinated ones, or in those where it makes sense', () => {
  expect(modesOf(calm, undefined)).toEqual(['active-passive', 'active-active']);
  expect(modesOf(leaderOnly, undefined)).toEqual(['active-passive']);
  expect(modesOf(calm, 'uncoordinated')).toEqual(['uncoordinated']);
});

test('a mode in which an experiment makes no sense is refused with those in which it does', () => {
  expect(() => modesOf(leaderOnly, 'active-active')).toThrow(UsageError);
  expect(() => modesOf(leaderOnly, 'active-active')).toThrow(
    'leader-only makes no sense in active-active: run it with --mode active-passive',
  );
});

test('saboteurs are named with commas or with a flag each, and each works once', () => {
  expect(sabotage('no-fencing, no-renewal', ['no-fencing', 'no-recovery'])).toEqual([
    'no-fencing',
    'no-recovery',
    'no-renewal',
  ]);
});
