import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { DataRedis } from '../data-redis.test-support.ts';
import type { FetchedJob } from '../lane.ts';
import { idsOf, StreamFleet } from './fleet.test-support.ts';
import { CONSUMER_GROUP } from './stream-keys.ts';

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

const done = { fetchNext: false };

test('order: of jobs with one key the next is handed out when the one before it is done, others pass', async () => {
  await fleet.enqueue('a/1', 'a/2', 'b/1', 'a/3', 'b/2', 'single');
  const node = await fleet.node({ led: true });
  await node.lead();
  const [a1, b1, single] = await node.take(3);
  expect(idsOf([a1, b1, single] as FetchedJob[])).toEqual(['a/1', 'b/1', 'single']);
  const { signal } = new AbortController();
  const next = node.lane.fetch(signal);
  await node.lane.complete(a1 as FetchedJob, done);
  expect((await next)?.id).toBe('a/2');
  const along = await node.lane.complete(b1 as FetchedJob, { fetchNext: true });
  expect(along.next?.id).toBe('b/2');
});

test('order: where nobody leads no job waits for another', async () => {
  await fleet.enqueue('a/1', 'a/2');
  const node = await fleet.node();
  expect(idsOf(await node.take(2))).toEqual(['a/1', 'a/2']);
});

test('order: a key of the definition’s own is what counts, and one that cannot be told parks its job', async () => {
  const orderKey = (job: { id: string }): string => {
    if (job.id === 'odd') throw new Error('no idea');
    return 'one';
  };
  await fleet.enqueue('odd', 'a/1', 'b/1');
  const node = await fleet.node({ led: true, orderKey });
  await node.lead();
  const first = await node.take();
  expect(first.id).toBe('a/1');
  const second = node.take();
  await node.lane.complete(first, done);
  expect((await second).id).toBe('b/1');
  expect(await fleet.parked()).toMatchObject([
    { id: 'odd', reason: 'malformed: its order key cannot be told (no idea)' },
  ]);
});

test('order: a job that failed is tried again while those of its key wait', async () => {
  await fleet.enqueue('a/1', 'a/2', 'b/1', 'b/2');
  const node = await fleet.node({ led: true });
  await node.lead();
  const [a1, b1] = await node.take(2);
  expect(await node.lane.failAttempt(a1 as FetchedJob, new Error('no'))).toBe('retry');
  const after = async (job: FetchedJob): Promise<FetchedJob> =>
    (await node.lane.complete(job, { fetchNext: true })).next ?? (await node.take());
  const b2 = await after(b1 as FetchedJob);
  expect(b2.id).toBe('b/2');
  const again = await after(b2);
  expect(again).toMatchObject({ id: 'a/1', attempt: 2 });
  expect((await after(again)).id).toBe('a/2');
});

test('order: a job that is parked lets its key go on', async () => {
  await fleet.enqueue('a/1', 'a/2', 'a/3');
  const node = await fleet.node({ led: true, maxAttempts: 1 });
  await node.lead();
  const waiting = [node.take(), node.take(), node.take()] as const;
  expect(await node.lane.failAttempt(await waiting[0], new Error('no'))).toBe('parked');
  const second = await waiting[1];
  expect(second.id).toBe('a/2');
  await node.lane.park(second, 'no');
  expect((await waiting[2]).id).toBe('a/3');
  expect(await fleet.parked()).toMatchObject([{ id: 'a/1' }, { id: 'a/2' }]);
});

test('order: a job whose outcome is not known is tried again in its place', async () => {
  await fleet.enqueue('a/1', 'a/2');
  const node = await fleet.node({ led: true });
  await node.lead();
  const job = await node.take();
  expect(await node.lane.handBack(job)).toBe('returned');
  expect(await node.take()).toMatchObject({ id: 'a/1', attempt: 1, recoveries: 0 });
  expect(await fleet.held()).toMatchObject({ [`${node.incarnation}:t1`]: 2 });
});

test('R2: a new leader gets what was in flight before anything new, in the order of the stream', async () => {
  await fleet.enqueue('p-1', 'p-2', 'p-3', 'p-4');
  const [first, second] = [await fleet.node({ led: true }), await fleet.node({ led: true })];
  await first.lead();
  await Promise.all([first.take(), first.take(), first.take()]);
  first.kill();
  await fleet.enqueue('p-5');
  await second.lead();
  const waiting = Array.from({ length: 5 }, () => second.take());
  expect(idsOf(await Promise.all(waiting))).toEqual(['p-1', 'p-2', 'p-3', 'p-4', 'p-5']);
  expect((await second.lane.recover()).taken).toMatchObject(
    Array.from({ length: 3 }, () => ({ incarnation: first.incarnation })),
  );
});

test('R2: what a leader finds in flight is more than one call can take, and comes in its order', async () => {
  const names = Array.from({ length: 1100 }, (_, i) => `p-${i}`);
  const adding = names.map((name) =>
    fleet.redis.xadd(fleet.stream.jobs, '*', 'id', name, 'data', '{}'),
  );
  await Promise.all(adding);
  await fleet.redis.xgroup('CREATE', fleet.stream.jobs, CONSUMER_GROUP, '0');
  for (const consumer of ['old', 'older:t0']) {
    await fleet.redis.xreadgroup(
      ...(['GROUP', CONSUMER_GROUP, consumer, 'COUNT', 550, 'STREAMS'] as const),
      ...[fleet.stream.jobs, '>'],
    );
  }
  const node = await fleet.node({ led: true });
  await node.lead();
  expect((await node.lane.recover()).taken).toHaveLength(1100);
  expect(idsOf(await Promise.all(names.map(() => node.take())))).toEqual(names);
});

test('R2: a deposed leader’s fetch comes to nothing, however late, and its lane says that it is fenced', async () => {
  const [old, next] = [await fleet.node({ led: true }), await fleet.node({ led: true })];
  await old.lead();
  const { signal } = new AbortController();
  void old.lane.fetch(signal);
  await fleet.enqueue('warm');
  while (!(await fleet.held())[`${old.incarnation}:t1`]);
  // What it asks for now arrives when another leads.
  old.link.freeze();
  void old.lane.fetch(signal);
  await next.lead();
  await fleet.enqueue('p-1', 'p-2');
  old.link.thaw();
  expect(idsOf(await next.take(3))).toEqual(['warm', 'p-1', 'p-2']);
  while (old.fenced.length === 0) await fleet.held();
  expect(await fleet.held()).toEqual({ [`${next.incarnation}:t2`]: 3 });
});

test('R1: what a deposed leader still has in hand it can neither complete nor park nor fail', async () => {
  await fleet.enqueue('p-1', 'p-2', 'p-3', 'p-4');
  const [old, next] = [await fleet.node({ led: true }), await fleet.node({ led: true })];
  const term = await old.lead();
  const [first, second, third, fourth] = (await old.take(4)) as [
    FetchedJob,
    FetchedJob,
    FetchedJob,
    FetchedJob,
  ];
  await next.lead();
  await next.take(4);
  term.end();
  expect(
    await Promise.all([
      old.lane.complete(first, done),
      old.lane.handBack(second),
      old.lane.failAttempt(third, new Error('late')),
      old.lane.park(fourth, 'late'),
    ]),
  ).toEqual([{ status: 'lost' }, 'lost', 'lost', 'lost']);
  expect(await fleet.held()).toEqual({ [`${next.incarnation}:t2`]: 4 });
  expect(await fleet.length()).toBe(4);
});

test('R2: a fetch of the present leader that lands late, or whose reply was lost, inverts nothing', async () => {
  await fleet.enqueue('a/1');
  const node = await fleet.node({ led: true });
  await node.lead();
  const first = await node.take();
  // As if an earlier request of its own were executed now, and answered to nobody.
  await fleet.enqueue('a/2', 'a/3');
  await fleet.redis.xreadgroup(
    ...(['GROUP', CONSUMER_GROUP, `${node.incarnation}:t1`, 'COUNT', 2, 'STREAMS'] as const),
    ...[fleet.stream.jobs, '>'],
  );
  await fleet.enqueue('a/4');
  const seen = [first.id];
  for (let job: FetchedJob | undefined = first; job && seen.length < 4;) {
    const { next } = await node.lane.complete(job, { fetchNext: true });
    job = next ?? (await node.take());
    seen.push(job.id);
  }
  expect(seen).toEqual(['a/1', 'a/2', 'a/3', 'a/4']);
});

test('a leader that leaves gives back what nobody began, and no recovery is counted', async () => {
  await fleet.enqueue('a/1', 'a/2', 'a/3', 'b/1');
  const [old, next] = [await fleet.node({ led: true }), await fleet.node({ led: true })];
  const term = await old.lead();
  const slots = [old.take(), old.take()];
  const { signal } = new AbortController();
  void old.lane.fetch(signal);
  void old.lane.fetch(signal);
  const [a1, b1] = (await Promise.all(slots)) as [FetchedJob, FetchedJob];
  while ((await fleet.held())[`${old.incarnation}:t1`] !== 4);
  term.end();
  // Its drain: one is completed, one takes too long.
  await old.lane.complete(a1, done);
  expect(await old.lane.handBack(b1)).toBe('returned');
  await old[Symbol.asyncDispose]();
  expect(await fleet.held()).toEqual({ ':returned': 3 });
  await next.lead();
  const jobs = await Promise.all([next.take(), next.take()]);
  expect(jobs).toMatchObject([
    { id: 'a/2', recoveries: 0 },
    { id: 'b/1', recoveries: 0 },
  ]);
  expect(await fleet.redis.exists(fleet.stream.notes)).toBe(0);
});

test('a node that leads again has nothing left of its last term, and gets everything once', async () => {
  await fleet.enqueue('a/1', 'a/2');
  const node = await fleet.node({ led: true });
  const term = await node.lead();
  const first = await node.take();
  term.end();
  await node.lead();
  const again = await node.take();
  expect([first.id, again.id]).toEqual(['a/1', 'a/1']);
  expect(await node.lane.complete(first, done)).toEqual({ status: 'lost' });
  await node.lane.complete(again, done);
  expect((await node.take()).id).toBe('a/2');
});
