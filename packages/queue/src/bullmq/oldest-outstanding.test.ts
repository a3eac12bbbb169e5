import { ManualTime } from '@understudy/runtime';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { DataRedis } from '../data-redis.test-support.ts';
import { TestFleet } from './fleet.test-support.ts';

let data: DataRedis;
let fleet: TestFleet;
beforeAll(async () => {
  data = await DataRedis.start();
});
afterAll(() => data[Symbol.asyncDispose]());
beforeEach(() => {
  fleet = new TestFleet(data);
});
afterEach(() => fleet[Symbol.asyncDispose]());

test('C2: the enqueue time of the oldest job that may still be delivered is found wherever it stands', async () => {
  // A clock that stands still: no reading is good for longer than it took.
  const { lane, take } = await fleet.node({ clock: new ManualTime() });
  expect(await lane.oldestOutstandingEnqueuedAtMs()).toBeNull();
  await fleet.enqueue(['p-1'], { timestamp: 5000 });
  await fleet.enqueue(['p-2'], { timestamp: 4000, delay: 60_000 });
  await fleet.enqueue(['p-3'], { timestamp: 3000, priority: 3 });
  expect(await lane.oldestOutstandingEnqueuedAtMs()).toBe(3000);
  await fleet.enqueue(['p-0'], { timestamp: 2000, lifo: true });
  const active = await take();
  expect(active.id).toBe('p-0');
  expect(await lane.oldestOutstandingEnqueuedAtMs()).toBe(2000);
  await lane.complete(active, { fetchNext: false });
  expect(await lane.oldestOutstandingEnqueuedAtMs()).toBe(3000);
});

test('C2: a job that does not say when it was enqueued may be as old as any', async () => {
  const { lane } = await fleet.node({ clock: new ManualTime() });
  const [, odd = '', gone = ''] = await fleet.enqueue(['p-1', 'p-2', 'p-3']);
  await fleet.redis.hset(fleet.key(odd), 'timestamp', 'yesterday');
  expect(await lane.oldestOutstandingEnqueuedAtMs()).toBe(0);
  await fleet.redis.lrem(fleet.key('wait'), 1, odd);
  await fleet.redis.del(fleet.key(gone));
  expect(await lane.oldestOutstandingEnqueuedAtMs()).toBe(0);
});
