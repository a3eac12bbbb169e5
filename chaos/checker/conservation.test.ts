import { describe, expect, test } from 'vitest';
import { ExampleHistory } from './example-history.test-support.ts';

/** Three effects: 100 cents to acc-1 twice, 50 to acc-2. */
function history(): ExampleHistory {
  return new ExampleHistory()
    .effect('p-1')
    .effect('p-2')
    .effect('p-3', { account: 'acc-2', amountCents: 50 });
}

test('conservation does not apply where others change the same accounts, and says so', () => {
  const shared = new ExampleHistory({ balances: false, accountsShared: true }).effect('p-1').end();
  expect(shared.judgedBy('conservation')).toMatchObject({
    verdict: 'not-applicable',
    reason: expect.stringContaining('others use the same accounts') as string,
  });
});

describe('conservation passes', () => {
  test('balances that are the sums of the effects', () => {
    expect(history().end().judgedBy('conservation')).toMatchObject({
      verdict: 'pass',
      observed: 'effects 250 cents, balances 250 cents',
    });
  });

  test('a balance of zero that no effect explains', () => {
    const balances = { 'acc-1': 200, 'acc-2': 50, 'acc-3': 0 };
    expect(history().end({ balances }).judgedBy('conservation').verdict).toBe('pass');
  });

  test('duplicated effects: the ledger adds up, and outcome refuses them', () => {
    const doubled = history().effect('p-1').end();
    expect(doubled.judgedBy('conservation').verdict).toBe('pass');
  });

  test('effects of several credits, by their total', () => {
    const split = history().effect('p-4', { account: undefined, amountCents: 30 });
    const balances = { 'acc-1': 200, 'acc-2': 60, 'acc-3': 20 };
    expect(split.end({ balances }).judgedBy('conservation').verdict).toBe('pass');
  });

  test('accounts called as anything', () => {
    const odd = new ExampleHistory().effect('p-1', { account: 'toString' });
    expect(odd.end().judgedBy('conservation').verdict).toBe('pass');
    const wrong = odd.end({ balances: {} }).judgedBy('conservation');
    expect(wrong.totals).toEqual({ 'total-differs': 1, 'balance-differs': 1 });
  });
});

describe('conservation refuses', () => {
  test.each([
    ['money from nowhere', { 'acc-1': 300, 'acc-2': 50 }],
    ['an account that holds less than its effects', { 'acc-1': 100, 'acc-2': 50 }],
    ['an account that is missing', { 'acc-1': 200 }],
    ['an account that no effect explains', { 'acc-1': 200, 'acc-2': 50, 'acc-3': 1 }],
  ])('%s', (_, balances) => {
    const result = history().end({ balances }).judgedBy('conservation');
    expect(result.verdict).toBe('fail');
    expect(result.totals).toEqual({ 'total-differs': 1, 'balance-differs': 1 });
  });

  test('money in the wrong account', () => {
    const result = history()
      .end({ balances: { 'acc-1': 150, 'acc-2': 100 } })
      .judgedBy('conservation');
    expect(result).toMatchObject({ verdict: 'fail', totals: { 'balance-differs': 2 } });
    expect(result.anomalies[0]?.detail).toBe(
      'account acc-1 holds 150 cents, its effects add up to 200',
    );
  });

  test('a total that differs even where the accounts are not known', () => {
    const split = history().effect('p-4', { account: undefined, amountCents: 30 });
    const result = split.end({ balances: { 'acc-1': 250 } }).judgedBy('conservation');
    expect(result).toMatchObject({ verdict: 'fail', totals: { 'total-differs': 1 } });
  });
});

describe('conservation is not', () => {
  test('applicable where there are no balances', () => {
    const without = new ExampleHistory({ balances: false }).enqueue('p-1').effect('p-1').end();
    expect(without.judgedBy('conservation')).toMatchObject({
      verdict: 'not-applicable',
      reason: 'this system keeps no balances',
    });
    expect(without.judged().status).toBe('pass');
  });

  test('conclusive without an end, or with one that has no balances', () => {
    const totals = { 'no-balances': 1 };
    const expected = { verdict: 'inconclusive', totals };
    expect(history().judgedBy('conservation')).toMatchObject(expected);
    const empty = history().end({ balances: undefined });
    expect(empty.judgedBy('conservation')).toMatchObject(expected);
  });

  test('conclusive when an effect has no amount', () => {
    const vague = history().effect('p-4', { amountCents: undefined }).end();
    expect(vague.judgedBy('conservation')).toMatchObject({
      verdict: 'inconclusive',
      totals: { 'no-amount': 1 },
    });
  });

  test('conclusive when effects vanished', () => {
    expect(history().vanished('p-1', 1).end().judgedBy('conservation')).toMatchObject({
      verdict: 'inconclusive',
      totals: { vanished: 1 },
    });
  });

  test('conclusive beyond what numbers hold exactly', () => {
    const huge = { amountCents: Number.MAX_SAFE_INTEGER };
    const rich = new ExampleHistory().effect('p-1', huge).effect('p-2', huge);
    const richer = history().end({ balances: { 'acc-1': 2 ** 53, 'acc-2': 1 } });
    for (const one of [rich.end(), rich.end({ balances: { 'acc-1': 7 } }), richer]) {
      expect(one.judgedBy('conservation')).toMatchObject({
        verdict: 'inconclusive',
        totals: { 'too-large': 1 },
      });
    }
  });
});
