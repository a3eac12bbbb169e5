import { expect, it } from 'vitest';
import { PendingWork } from './pending-work.ts';

it('is over when what was begun meanwhile is over too', async () => {
  const work = new PendingWork();
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  work.add(first.promise.then(() => work.add(second.promise)));
  expect(work.size).toBe(1);
  let over = false;
  const waited = work.over().then(() => (over = true));
  first.resolve();
  await first.promise;
  await Promise.resolve();
  expect({ over, size: work.size > 0 }).toEqual({ over: false, size: true });
  second.resolve();
  await waited;
  expect(work.size).toBe(0);
});

it('is over for all who wait, where more was begun before they heard that it was', async () => {
  const work = new PendingWork();
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  work.add(first.promise);
  // Between the end of the first and the moment in which those who wait hear of it.
  void first.promise.then(() => work.add(second.promise));
  let heard = 0;
  const waited = [1, 2].map(() => work.over().then(() => (heard += 1)));
  first.resolve();
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  expect([work.size, heard]).toEqual([1, 0]);
  second.resolve();
  await Promise.all(waited);
  expect([work.size, heard]).toEqual([0, 2]);
});
