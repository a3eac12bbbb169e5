import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { DataRedis } from '../data-redis.test-support.ts';
import { idsOf, StreamFleet, toldOf } from './fleet.test-support.ts';

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

test('jobs are delivered as they were enqueued, and a completed one leaves nothing behind', async () => {
  await fleet.enqueue('p-1', 'p-2');
  const node = await fleet.node();
  const [first, second] = await node.take(2);
  expect([first, second]).toMatchObject([
    { id: 'p-1', data: { id: 'p-1' }, attempt: 1, recoveries: 0, alone: false },
    { id: 'p-2' },
  ]);
  expect(await node.lane.complete(first as never, { fetchNext: false })).toEqual({
    status: 'completed',
  });
  await node.lane.complete(second as never, { fetchNext: false });
  expect(await fleet.length()).toBe(0);
  expect(await fleet.held()).toEqual({});
});

test('a completion brings the next job along where there is one', async () => {
  await fleet.enqueue('p-1', 'p-2');
  const node = await fleet.node();
  // Two slots ask, so that both jobs come in one batch.
  const [first, second] = await Promise.all([node.take(), node.take()]);
  await fleet.enqueue('p-3');
  const third = node.take();
  await node.lane.complete(first, { fetchNext: false });
  expect((await third).id).toBe('p-3');
  const completion = await node.lane.complete(second, { fetchNext: true });
  expect(completion).not.toHaveProperty('next');
  expect(await toldOf(completion)).toBe('completed');
});

test('the next job that is at hand begins before the queue knows of the one before, which is held until then', async () => {
  await fleet.enqueue('p-1', 'p-2');
  const node = await fleet.node({ absentAfterMs: 60_000, fetchAhead: 8 });
  const [first, second] = await Promise.all([node.take(), node.take()]);
  await fleet.enqueue('p-3');
  expect(second.id).toBe('p-2');
  const third = node.take();
  node.link.loseReplies();
  const completion = await node.lane.complete(first, { fetchNext: true });
  expect(completion.status).toBe('under-way');
  node.link.cut();
  expect(await toldOf(completion)).toBe('completed');
  expect((await third).id).toBe('p-3');
  expect(Object.values(await fleet.held())).toEqual([2]);
});

test('a slot that waits is woken by a new job, and by its signal', async () => {
  const node = await fleet.node();
  const stop = new AbortController();
  const [waiting, stopped] = [node.take(), node.lane.fetch(stop.signal)];
  await fleet.enqueue('p-1');
  expect((await waiting).id).toBe('p-1');
  stop.abort();
  expect(await stopped).toBeUndefined();
});

test('a job that is handed back is fetched again, by anybody, and no attempt is consumed', async () => {
  await fleet.enqueue('p-1', 'p-2');
  const [one, other] = [await fleet.node(), await fleet.node()];
  const job = await one.take();
  expect(await one.lane.handBack(job)).toBe('returned');
  expect(await other.take()).toMatchObject({ id: 'p-1', attempt: 1, recoveries: 0 });
  expect((await other.take()).id).toBe('p-2');
});

test('a handler that failed is tried again, and its job is parked when it failed for the last time', async () => {
  const [entry] = await fleet.enqueue('p-1');
  const node = await fleet.node({ maxAttempts: 3 });
  for (const attempt of [1, 2]) {
    const job = await node.take();
    expect(job.attempt).toBe(attempt);
    expect(await node.lane.failAttempt(job, new Error('no'))).toBe('retry');
  }
  const last = await node.take();
  expect(await node.lane.failAttempt(last, new Error('no more'))).toBe('parked');
  expect(await fleet.parked()).toEqual([
    { id: 'p-1', data: '{"id":"p-1"}', reason: 'no more', entry },
  ]);
  expect(await fleet.length()).toBe(0);
  expect(await fleet.redis.exists(fleet.stream.notes)).toBe(0);
});

test('how often a handler failed is known to whoever takes its job over', async () => {
  await fleet.enqueue('p-1');
  const [dead, survivor] = [await fleet.node(), await fleet.node({ maxAttempts: 2 })];
  await dead.lane.failAttempt(await dead.take(), new Error('no'));
  dead.kill();
  await fleet.recovered(survivor);
  const job = await survivor.take();
  expect(job).toMatchObject({ attempt: 3, recoveries: 1 });
  expect(await survivor.lane.failAttempt(job, new Error('no'))).toBe('parked');
});

test('the handler of another attempt gets the data as it was enqueued, whatever the last one did to it', async () => {
  await fleet.enqueue('p-1');
  const node = await fleet.node();
  const job = await node.take();
  const { digest } = job;
  (job.data as Record<string, unknown>).extra = 1;
  await node.lane.failAttempt(job, new Error('no'));
  const again = await node.take();
  expect(again.data).toEqual({ id: 'p-1' });
  expect(again.digest).toBe(digest);
});

test('what cannot be a job is parked by the lane itself, and named as well as it can be', async () => {
  const { jobs } = fleet.stream;
  const entries = [
    await fleet.redis.xadd(jobs, '*', 'data', '{"id":"p-1"}'),
    await fleet.redis.xadd(jobs, '*', 'id', 'p-2', 'payload', 'tea'),
    await fleet.redis.xadd(jobs, '*', 'id', 'p-3', 'data', '{'),
    await fleet.redis.xadd(jobs, '*', 'id', 'p-4', 'data', '[]'),
    await fleet.redis.xadd(jobs, '*', 'id', 'p-5', 'data', '{"id":"p-6"}'),
  ];
  await fleet.redis.xadd(jobs, '*', 'id', 'p-7', 'data', '{"account":"a"}');
  const node = await fleet.node();
  const job = await node.take();
  expect(job).toMatchObject({ id: 'p-7', data: { id: 'p-7', account: 'a' } });
  await node.lane.complete(job, { fetchNext: false });
  while ((await fleet.length()) > 0);
  const parked = await fleet.parked();
  expect(parked.map(({ id }) => id)).toEqual([entries[0], 'p-2', 'p-3', 'p-4', 'p-5']);
  expect(parked.map(({ entry }) => entry)).toEqual(entries);
  expect(parked[1]).toMatchObject({ payload: 'tea', reason: 'malformed: it has no "data"' });
  expect(idsOf(node.parked.map(({ job }) => ({ id: job })))).toEqual([
    entries[0],
    'p-2',
    'p-3',
    'p-4',
    'p-5',
  ]);
});

test('the backlog tells what waits, what is in hand and what was given up', async () => {
  const node = await fleet.node();
  expect(await node.lane.backlog()).toEqual({
    jobs: { waiting: 0, active: 0, delayed: 0, parked: 0 },
    nextWaitingAgeMs: null,
  });
  await fleet.enqueue('p-1', 'p-2', 'p-3');
  const [first, second] = [await node.take(), await node.take()];
  await node.lane.park(first, 'no');
  const one = await node.lane.backlog();
  expect(one.jobs).toEqual({ waiting: 1, active: 1, delayed: 0, parked: 1 });
  expect(one.nextWaitingAgeMs).toBeGreaterThanOrEqual(0);
  await node.lane.handBack(second);
  const jobs = { waiting: 2, active: 0, delayed: 0, parked: 1 };
  expect((await node.lane.backlog()).jobs).toEqual(jobs);
});

test('C2: the oldest job that may still be delivered is the first of the stream', async () => {
  const node = await fleet.node();
  expect(await node.lane.oldestOutstandingEnqueuedAtMs()).toBeNull();
  await fleet.redis.xadd(fleet.stream.jobs, '5000-0', 'id', 'p-1', 'data', '{}');
  await fleet.redis.xadd(fleet.stream.jobs, '6000-0', 'id', 'p-2', 'data', '{}');
  const job = await node.take();
  expect(await node.lane.oldestOutstandingEnqueuedAtMs()).toBe(5000);
  await node.lane.complete(job, { fetchNext: false });
  expect(await node.lane.oldestOutstandingEnqueuedAtMs()).toBe(6000);
});
