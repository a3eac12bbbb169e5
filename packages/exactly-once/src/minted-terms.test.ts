import { expect, test } from 'vitest';
import { MintedTerms } from './minted-terms.ts';

test('L5: a term is known by epoch and name together, with the run that minted it', () => {
  const terms = new MintedTerms();
  terms.remember({ epoch: 3, term: 't' }, 'run-1');
  expect(terms.runIdOf({ epoch: 3, term: 't' })).toBe('run-1');
  expect(terms.runIdOf({ epoch: 4, term: 't' })).toBeUndefined();
  expect(terms.runIdOf({ epoch: 3, term: 'u' })).toBeUndefined();
  expect(terms.highestEpoch).toBe(3);
});

test('the memory of terms is bounded: the oldest are forgotten first', () => {
  const terms = new MintedTerms();
  for (let epoch = 1; epoch <= 1000; epoch++) terms.remember({ epoch, term: 't' }, 'run-1');
  expect(terms.runIdOf({ epoch: 1, term: 't' })).toBeUndefined();
  expect(terms.runIdOf({ epoch: 1000, term: 't' })).toBe('run-1');
});
