import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { examplePayments, examplePaymentsFile } from './generate-payments.ts';

test('the shipped payments are byte for byte what their generator makes', () => {
  const shipped = readFileSync(new URL('./payments.ndjson', import.meta.url), 'utf8');
  expect(shipped).toBe(examplePaymentsFile());
});

test('payments are numbered from p-1, and every amount is a positive whole number', () => {
  const payments = [...examplePayments(11, 500)];
  expect(payments.map(({ id }) => id)).toEqual(payments.map((_, index) => `p-${index + 1}`));
  for (const { amountCents } of payments) {
    expect(Number.isSafeInteger(amountCents) && amountCents > 0).toBe(true);
  }
});

test('some accounts are hot: the first takes far more than its even share, and many take part', () => {
  const counts = new Map<string, number>();
  for (const { account } of examplePayments(11, 5_000)) {
    counts.set(account, (counts.get(account) ?? 0) + 1);
  }
  const evenShare = 5_000 / 200;
  expect(counts.get('acc-001')).toBeGreaterThan(20 * evenShare);
  expect(counts.size).toBeGreaterThan(150);
});

test('another seed gives other payments', () => {
  const [first] = examplePayments(1, 1);
  const [other] = examplePayments(2, 1);
  expect(first).not.toEqual(other);
});
