import { ManualTime } from '@understudy/runtime';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { DataRedis } from '../data-redis.test-support.ts';
import { QueueFull } from './errors.ts';
import { StreamFleet } from './fleet.test-support.ts';
import { streamProducer } from './stream-producer.ts';

let data: DataRedis;
let fleet: StreamFleet;
beforeAll(async () => {
  data = await DataRedis.start();
});
afterAll(() => data[Symbol.asyncDispose]());
beforeEach(() => {
  fleet = new StreamFleet(data);
});
afterEach(() => fleet[Symbol.asyncDispose]());

const place = () => ({ url: data.url, group: fleet.group, queue: 'jobs' });

test('what is enqueued is what the lane delivers', async () => {
  await using producer = streamProducer(place());
  await producer.enqueue({ id: 'p-1', account: 'a' });
  const job = await (await fleet.node()).take();
  expect(job).toMatchObject({ id: 'p-1', data: { id: 'p-1', account: 'a' } });
});

test('back-pressure: a producer waits while too many jobs are not done, and goes on when one is', async () => {
  const time = new ManualTime();
  await using producer = streamProducer({ ...place(), maxLength: 2, timers: time });
  await producer.enqueue({ id: 'p-1' });
  await producer.enqueue({ id: 'p-2' });
  let enqueued = false;
  const third = producer.enqueue({ id: 'p-3' }).then(() => (enqueued = true));
  for (let tries = 0; tries < 5; tries++) {
    await vi.waitFor(() => expect(time.pending).toBe(1));
    time.advance(300);
  }
  await vi.waitFor(() => expect(time.pending).toBe(1));
  expect([enqueued, await fleet.length()]).toEqual([false, 2]);
  const node = await fleet.node();
  await node.lane.complete(await node.take(), { fetchNext: false });
  time.advance(300);
  await third;
  expect(await fleet.length()).toBe(2);
});

test('back-pressure: many producers that wait never overfill the stream', async () => {
  await using first = streamProducer({ ...place(), maxLength: 3 });
  await using second = streamProducer({ ...place(), maxLength: 3 });
  const enqueueing = Array.from({ length: 12 }, (_, i) =>
    (i % 2 ? first : second).enqueue({ id: `p-${i}` }),
  );
  const node = await fleet.node();
  for (let n = 0; n < 12; n++) {
    const job = await node.take();
    expect(await fleet.length()).toBeLessThanOrEqual(3);
    await node.lane.complete(job, { fetchNext: false });
  }
  await Promise.all(enqueueing);
  expect(await fleet.length()).toBe(0);
});

test('back-pressure: a producer that is told to stop gives up, and says what did not happen', async () => {
  const stop = new AbortController();
  await using producer = streamProducer({ ...place(), maxLength: 1, signal: stop.signal });
  await producer.enqueue({ id: 'p-1' });
  const refused = producer.enqueue({ id: 'p-2' });
  stop.abort();
  await expect(refused).rejects.toThrow(QueueFull);
  expect(await fleet.length()).toBe(1);
});
