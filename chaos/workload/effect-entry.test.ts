import { expect, test } from 'vitest';
import { effectOf } from './effect-entry.ts';

const flat = (fields: Record<string, string>): string[] => Object.entries(fields).flat();

test('an entry becomes an effect with everything the worker wrote', () => {
  const fields = flat({
    job: 'p-1',
    node: 'node-2',
    incarnation: 'i-1',
    epoch: '4',
    term: 't-1',
    key: 'p-1',
    account: 'a-1',
    amountCents: '-250',
  });
  expect(effectOf(['1-0', fields], 3, 'live')).toEqual({
    op: 'effect',
    type: 'ok',
    process: 'ledger',
    job: 'p-1',
    node: 'node-2',
    incarnation: 'i-1',
    epoch: 4,
    term: 't-1',
    position: 3,
    id: '1-0',
    key: 'p-1',
    account: 'a-1',
    amountCents: -250,
    source: 'live',
  });
});

test('what the worker did not write, or wrote as nonsense, is left out', () => {
  const fields = flat({ job: 'p-1', node: 'n', epoch: '-4', amountCents: '1e99', term: '' });
  expect(effectOf(['1-0', fields], 1, 'final')).toEqual({
    op: 'effect',
    type: 'ok',
    process: 'ledger',
    job: 'p-1',
    node: 'n',
    position: 1,
    id: '1-0',
    source: 'final',
  });
});

test('an entry that names no job cannot pass for the effect of one', () => {
  const effect = effectOf(['7-1', flat({ amount: '3' })], 1, 'live');
  expect(effect.job).toBe('(entry 7-1 names no job)');
  expect(effect.unnamed).toBe(true);
  expect(effect.node).toBe('unknown');
});
