import { seededPrng } from '@understudy/runtime';
import { expect, test } from 'vitest';
import { planEnqueues } from './enqueue-plan.ts';

const jobs = Array.from({ length: 1000 }, (_, i) => ({
  id: `p-${i}`,
  account: 'a',
  amountCents: i,
}));

test('every job is enqueued in its order, and the stated share once more, later', () => {
  const plan = planEnqueues(jobs, 0.01, seededPrng(3));
  expect(plan.filter(({ copy }) => copy === 1).map(({ payment }) => payment)).toEqual(jobs);
  const copies = plan.flatMap(({ payment, copy }, place) =>
    copy === 2 ? [{ payment, place }] : [],
  );
  expect(copies).toHaveLength(10);
  expect(new Set(copies.map(({ payment }) => payment.id)).size).toBe(10);
  for (const { payment, place } of copies) {
    const first = plan.findIndex((entry) => entry.payment === payment);
    expect(place).toBeGreaterThan(first);
  }
});

test('the same seed gives the same plan', () => {
  expect(planEnqueues(jobs, 0.05, seededPrng(3))).toEqual(planEnqueues(jobs, 0.05, seededPrng(3)));
});

test('a share of zero enqueues nothing twice, a small one at least one job, one all of them', () => {
  const copies = (share: number): number =>
    planEnqueues(jobs.slice(0, 20), share, seededPrng(1)).filter(({ copy }) => copy === 2).length;
  expect(copies(0)).toBe(0);
  expect(copies(0.001)).toBe(1);
  expect(copies(1)).toBe(20);
});
