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
