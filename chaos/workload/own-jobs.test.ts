import { expect, test } from 'vitest';
import { markedEnqueues, ownJobs } from './own-jobs.ts';

const payment = { id: 'p-1', account: 'a-1', amountCents: 5, note: 'kept' };

test('a run’s jobs are told from the same payments of others, and of other runs', () => {
  const own = ownJobs('20261126-183412-active-passive-x7Fq1a');
  const other = ownJobs('20261126-183413-active-passive-b2Kd9z');
  expect(own.mark(payment)).toEqual({ ...payment, id: 'x7Fq1a:p-1' });
  expect(own.isOwn(own.mark(payment).id)).toBe(true);
  expect(own.isOwn(other.mark(payment).id)).toBe(false);
  expect(own.isOwn('p-1')).toBe(false);
});

test('a job that is enqueued twice is the same job both times', () => {
  const planned = ([1, 2] as const).map((copy) => ({ payment, copy }));
  const [first, second] = markedEnqueues(planned, ownJobs('a-b-c-d-x7Fq1a'));
  expect(first?.payment.id).toBe(second?.payment.id);
  expect(second?.copy).toBe(2);
});
