import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { bullmqProducer } from './bullmq-producer.ts';
import { DataRedis } from '../data-redis.test-support.ts';
import { TestFleet } from './fleet.test-support.ts';
import type { FetchedJob } from '../lane.ts';

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

const ids = (jobs: readonly FetchedJob[]): string[] => jobs.map(({ id }) => id);

test('jobs come in the order of the queue and each completion brings the next one along', async () => {
  await fleet.enqueue(['p-1', 'p-2', 'p-3']);
  const { lane, take, incarnation } = await fleet.node();
  const first = await take();
  expect(first).toMatchObject({ id: 'p-1', attempt: 1, recoveries: 0, alone: false });
  expect(first.data).toEqual({ id: 'p-1' });
  const second = await lane.complete(first, { fetchNext: true });
  expect(second).toMatchObject({ status: 'completed', next: { id: 'p-2', attempt: 1 } });
  const lock = await fleet.redis.get(fleet.key(`${second.next?.queueId}:lock`));
  expect(lock?.startsWith(`${incarnation}:`)).toBe(true);
  const last = await lane.complete(second.next as FetchedJob, { fetchNext: false });
  expect(last).toEqual({ status: 'completed' });
  expect(await fleet.bull.getJobCounts('completed', 'active', 'wait')).toEqual({
    completed: 2,
    active: 0,
    wait: 1,
  });
});

test('many slots fetch at once and none gets the same job', async () => {
  const names = Array.from({ length: 200 }, (_, i) => `p-${i}`);
  await fleet.enqueue(names);
  const { lane } = await fleet.node();
  const stop = new AbortController();
  const done: string[] = [];
  const slot = async (): Promise<void> => {
    let job = await lane.fetch(stop.signal);
    while (job) {
      done.push(job.id);
      const { next } = await lane.complete(job, { fetchNext: true });
      if (done.length === names.length) stop.abort();
      job = next ?? (await lane.fetch(stop.signal));
    }
  };
  await Promise.all(Array.from({ length: 50 }, slot));
  expect(done.sort()).toEqual(names.sort());
});

test('an idle lane is woken by a new job, without one connection a slot', async () => {
  const { lane, incarnation } = await fleet.node();
  const stop = new AbortController();
  const waiting = Array.from({ length: 20 }, () => lane.fetch(stop.signal));
  // All of them rest on one blocked command.
  await blocked(1);
  const clients = String(await fleet.redis.client('LIST')).split('\n');
  expect(clients.filter((line) => line.includes('name=understudy:lane:'))).toHaveLength(1);
  const [worker, ...others] = await fleet.bull.getWorkers();
  expect(worker?.rawname?.endsWith(`:w:${incarnation}`)).toBe(true);
  expect(others).toEqual([]);
  await fleet.enqueue(['p-1', 'p-2']);
  const woken: string[] = [];
  for (const fetch of waiting) void fetch.then((job) => job && woken.push(job.id));
  while (woken.length < 2) await fleet.redis.ping();
  expect(woken).toEqual(['p-1', 'p-2']);
  stop.abort();
  expect((await Promise.all(waiting)).filter((job) => job === undefined)).toHaveLength(18);
});

/** Waits until `count` clients of the fleet's Redis are blocked. */
async function blocked(count: number): Promise<void> {
  for (;;) {
    const info = await fleet.redis.info('clients');
    if (info.includes(`blocked_clients:${count}\r`)) return;
  }
}

test('an aborted fetch returns nothing, and what it may still get goes back', async () => {
  const { lane, link } = await fleet.node();
  const stop = new AbortController();
  await fleet.enqueue(['p-1']);
  link.freeze();
  const fetch = lane.fetch(stop.signal);
  stop.abort();
  expect(await fetch).toBeUndefined();
  link.thaw();
  const other = await fleet.node();
  expect(await other.take()).toMatchObject({ id: 'p-1' });
  expect(await lane.fetch(stop.signal)).toBeUndefined();
});

test('a node that nobody works on any more does not swallow the wake-up of another', async () => {
  const { lane } = await fleet.node();
  const stop = new AbortController();
  const given = lane.fetch(stop.signal);
  await blocked(1);
  stop.abort();
  await given;
  await fleet.enqueue(['p-1']);
  // It was still blocked and was woken; then it puts back what woke it.
  await blocked(0);
  while ((await fleet.redis.zcard(fleet.key('marker'))) === 0);
});

test('C4: a job handed back stands at the head again and no attempt is consumed', async () => {
  const [queueId = ''] = await fleet.enqueue(['p-1', 'p-2'], { attempts: 2 });
  const { lane, take } = await fleet.node();
  for (let n = 1; n <= 5; n++) {
    const job = await take();
    expect(job).toMatchObject({ id: 'p-1', attempt: n });
    expect(await lane.handBack(job)).toBe('returned');
  }
  expect((await fleet.bull.getJob(queueId))?.attemptsMade).toBe(0);
});

test('C4: an error of the handler consumes an attempt, and the last one parks the job', async () => {
  const [queueId = ''] = await fleet.enqueue(['p-1']);
  const { lane, take } = await fleet.node({ maxAttempts: 2 });
  expect(await lane.failAttempt(await take(), new Error('first'))).toBe('retry');
  expect(await lane.failAttempt(await take(), 'second')).toBe('parked');
  const failed = await fleet.bull.getJob(queueId);
  expect(await failed?.getState()).toBe('failed');
  expect(failed).toMatchObject({ failedReason: 'second', attemptsMade: 2 });
});

test("C4: a job's own attempts and back-off are respected", async () => {
  const opts = { attempts: 3, backoff: { type: 'fixed', delay: 60_000 } };
  const [queueId = ''] = await fleet.enqueue(['p-1'], opts);
  const { lane, take } = await fleet.node({ maxAttempts: 1 });
  expect(await lane.failAttempt(await take(), new Error('no'))).toBe('retry');
  const delayed = await fleet.bull.getJob(queueId);
  expect(await delayed?.getState()).toBe('delayed');
  await delayed?.changeDelay(0);
  const again = await take();
  expect(again.attempt).toBe(2);
  expect(await lane.failAttempt(again, new Error('no'))).toBe('retry');
});

test('a back-off that only its producer knows does not keep the job', async () => {
  await fleet.enqueue(['p-1'], { attempts: 2, backoff: { type: 'by-moon-phase' } });
  const { lane, take } = await fleet.node();
  expect(await lane.failAttempt(await take(), new Error('no'))).toBe('retry');
  expect(await lane.failAttempt(await take(), new Error('no'))).toBe('parked');
});

test('a parked job stays in the failed set with its reason', async () => {
  const [queueId = ''] = await fleet.enqueue(['p-1'], { attempts: 9 });
  const { lane, take } = await fleet.node();
  expect(await lane.park(await take(), 'a conflict')).toBe('parked');
  const job = await fleet.bull.getJob(queueId);
  expect(await job?.getState()).toBe('failed');
  expect(job?.failedReason).toBe('a conflict');
});

test('delayed jobs come when they are due, though no marker says so again', async () => {
  const { take } = await fleet.node();
  const taken = take();
  await blocked(1);
  await fleet.enqueue(['later'], { delay: 150 });
  expect((await taken).id).toBe('later');
});

test('jobs of higher priority come first, and handed back they stay first of their kind', async () => {
  const { lane, take } = await fleet.node();
  await fleet.enqueue(['low'], { priority: 9 });
  await fleet.enqueue(['high-1', 'high-2'], { priority: 1 });
  const first = await take();
  expect(first.id).toBe('high-1');
  await lane.handBack(first);
  expect(ids(await take(3))).toEqual(['high-1', 'high-2', 'low']);
});

test('a paused queue gives nothing until it is resumed', async () => {
  const { take } = await fleet.node();
  await fleet.bull.pause();
  await fleet.enqueue(['p-1']);
  const taken = take();
  await blocked(1);
  await fleet.bull.resume();
  expect((await taken).id).toBe('p-1');
});

test('the lock of a job in hand is renewed for as long as it is in hand', async () => {
  await fleet.enqueue(['p-1']);
  const { lane, take } = await fleet.node({ lockDurationMs: 150 });
  const job = await take();
  const lock = fleet.key(`${job.queueId}:lock`);
  // Longer than it lives by itself: three renewals are seen.
  for (let renewals = 0, before = 0; renewals < 6;) {
    const leftMs = await fleet.redis.pttl(lock);
    expect(leftMs).toBeGreaterThan(0);
    if (leftMs > before) renewals += 1;
    before = leftMs;
  }
  expect(await lane.complete(job, { fetchNext: false })).toEqual({ status: 'completed' });
});

test('disposing of a lane puts back what was fetched for nobody, and ends every wait', async () => {
  await fleet.enqueue(['p-1']);
  const node = await fleet.node();
  const waiting = [await node.take(), node.lane.fetch(new AbortController().signal)] as const;
  await node.lane[Symbol.asyncDispose]();
  expect(await waiting[1]).toBeUndefined();
  expect(await node.lane.fetch(new AbortController().signal)).toBeUndefined();
  // A job in hand is its worker's to settle; after the disposal nobody can.
  expect(await node.lane.complete(waiting[0], { fetchNext: true })).toEqual({ status: 'lost' });
});

test('a fetch that arrives while the lane is disposed of goes back to the queue', async () => {
  await fleet.enqueue(['p-1']);
  const node = await fleet.node();
  node.link.freeze();
  const fetch = node.lane.fetch(new AbortController().signal);
  const disposed = node.lane[Symbol.asyncDispose]();
  expect(await fetch).toBeUndefined();
  node.link.thaw();
  await disposed;
  expect(await fleet.bull.getJobCounts('wait', 'active')).toEqual({ wait: 1, active: 0 });
});

test('what a producer enqueued leaves nothing in the queue when it is completed', async () => {
  const { group, data: redis } = fleet;
  await using producer = bullmqProducer({ url: redis.url, group, queue: 'jobs' });
  for (const id of ['p-1', 'p-2']) await producer.enqueue({ id });
  const { lane, take } = await fleet.node();
  const first = await take();
  const { next } = await lane.complete(first, { fetchNext: true });
  await lane.complete(next as FetchedJob, { fetchNext: false });
  expect(await fleet.bull.getJobCounts('completed', 'active', 'wait')).toEqual({
    completed: 0,
    active: 0,
    wait: 0,
  });
  expect(await fleet.redis.exists(fleet.key(first.queueId))).toBe(0);
});

test('a producer enqueues what a lane reads', async () => {
  const { group, data: redis } = fleet;
  await using producer = bullmqProducer({ url: redis.url, group, queue: 'jobs' });
  await producer.enqueue({ id: 'p-1', account: 'a', amountCents: 5 });
  const { take } = await fleet.node();
  expect((await take()).data).toEqual({ id: 'p-1', account: 'a', amountCents: 5 });
});
