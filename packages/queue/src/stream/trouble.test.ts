import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { DataRedis } from '../data-redis.test-support.ts';
import type { FetchedJob } from '../lane.ts';
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

const done = { fetchNext: false };

test('R1: after a connection was cut with replies on their way, every job is delivered all the same', async () => {
  const node = await fleet.node({ absentAfterMs: 60_000, fetchAhead: 8 });
  const seen = new Set<string>();
  const stop = new AbortController();
  const slot = async (): Promise<void> => {
    let job = await node.lane.fetch(stop.signal);
    while (job) {
      seen.add(job.id);
      const completion = await node.lane.complete(job, { fetchNext: true });
      expect(await toldOf(completion)).toBe('completed');
      job = completion.next ?? (await node.lane.fetch(stop.signal));
    }
  };
  const slots = Array.from({ length: 4 }, slot);
  for (let round = 0; round < 2; round++) {
    node.link.loseReplies();
    await fleet.enqueue(...Array.from({ length: 10 }, (_, i) => `p-${round}-${i}`));
    // Something was fetched and nobody will be told; or nothing, where the wake-up was lost.
    for (let look = 0; look < 200 && Object.keys(await fleet.held()).length === 0; look++);
    node.link.cut();
    while (seen.size < (round + 1) * 10) await node.lane.recover();
  }
  stop.abort();
  await Promise.all(slots);
  expect(seen.size).toBe(20);
  expect([await fleet.length(), await fleet.held()]).toEqual([0, {}]);
});

test('a completion whose reply was lost is one all the same, and touches nobody else’s job', async () => {
  await fleet.enqueue('p-1', 'p-2');
  const node = await fleet.node({ absentAfterMs: 60_000 });
  const [first, second] = [await node.take(), await node.take()];
  node.link.loseReplies();
  const completed = node.lane.complete(first, done);
  while ((await fleet.length()) > 1);
  node.link.cut();
  expect(await completed).toEqual({ status: 'completed' });
  expect(await node.lane.complete(second, done)).toEqual({ status: 'completed' });
});

test('a job whose parking was answered to nobody is parked once', async () => {
  await fleet.enqueue('warm', 'p-1');
  const node = await fleet.node({ absentAfterMs: 60_000 });
  // By then the server knows the script, so that the request does what it asks for.
  await node.lane.park(await node.take(), 'no');
  const job = await node.take();
  node.link.loseReplies();
  const parked = node.lane.park(job, 'no');
  while ((await fleet.length()) > 0);
  node.link.cut();
  expect(await parked).toBe('parked');
  expect(await fleet.parked()).toMatchObject([{ id: 'warm' }, { id: 'p-1' }]);
});

test('a failure whose note was answered to nobody is counted once', async () => {
  await fleet.enqueue('warm');
  const node = await fleet.node({ absentAfterMs: 60_000 });
  const warm = await node.take();
  await node.lane.failAttempt(warm, new Error('no'));
  await node.lane.complete(await node.take(), done);
  await fleet.enqueue('p-1');
  const job = await node.take();
  node.link.loseReplies();
  const failed = node.lane.failAttempt(job, new Error('no'));
  while ((await fleet.redis.exists(fleet.stream.notes)) === 0);
  node.link.cut();
  expect(await failed).toBe('retry');
  expect((await node.take()).attempt).toBe(2);
});

test('scripts that the server has forgotten are sent again', async () => {
  await fleet.enqueue('p-1', 'p-2');
  const node = await fleet.node({ led: true });
  await node.lead();
  const job = await node.take();
  await fleet.redis.script('FLUSH');
  const next = node.take();
  expect(await node.lane.complete(job, done)).toEqual({ status: 'completed' });
  expect((await next).id).toBe('p-2');
});

test('a group that is gone is made again: what is in the stream is to be done, what is in hand is not told twice', async () => {
  await fleet.enqueue('a/1', 'b/1');
  const node = await fleet.node({ led: true });
  await node.lead();
  const [a1, b1] = (await node.take(2)) as [FetchedJob, FetchedJob];
  await fleet.redis.xgroup('DESTROY', fleet.stream.jobs, 'understudy');
  await fleet.enqueue('c/1');
  expect((await node.take()).id).toBe('c/1');
  expect(await node.lane.complete(a1, done)).toEqual({ status: 'completed' });
  expect(await node.lane.complete(b1, done)).toEqual({ status: 'completed' });
  expect(await fleet.length()).toBe(1);
});

test('what a group that was made anew has given to nobody is not cut off with what was done', async () => {
  await fleet.enqueue('p-1', 'p-2', 'p-3', 'p-4');
  const [other, node] = [
    await fleet.node({ absentAfterMs: 60_000 }),
    await fleet.node({ absentAfterMs: 60_000 }),
  ];
  await other.take();
  const [second, third] = (await node.take(2)) as [FetchedJob, FetchedJob];
  // As a server that came back with an older group: nothing is in flight, and nothing was given out.
  await fleet.redis.xgroup('DESTROY', fleet.stream.jobs, 'understudy');
  await fleet.redis.xgroup('CREATE', fleet.stream.jobs, 'understudy', '0');
  await node.lane.complete(second, done);
  expect(await idsInStream()).toEqual(['p-1', 'p-3', 'p-4']);
  // Where something is in flight again, but was given out by another than the one who asks.
  await fleet.redis.xgroup('SETID', fleet.stream.jobs, 'understudy', '0');
  await fleet.redis.xclaim(
    ...([fleet.stream.jobs, 'understudy', 'somebody', 0, third.queueId, 'FORCE'] as const),
  );
  await node.lane.complete(third, done);
  expect(await idsInStream()).toContain('p-1');
});

/** The jobs that are in the stream. */
async function idsInStream(): Promise<string[]> {
  const entries = await fleet.redis.xrange(fleet.stream.jobs, '-', '+');
  return entries.map(([, fields]) => fields[fields.indexOf('id') + 1] ?? '');
}

test('a lane goes on with a Redis that came back empty, or with what it once held', async () => {
  await fleet.enqueue('p-1', 'p-2');
  const node = await fleet.node();
  const [first, second] = (await node.take(2)) as [FetchedJob, FetchedJob];
  const entry = await fleet.redis.xrange(fleet.stream.jobs, second.queueId, second.queueId);
  const waiting = node.take();
  await data.restart();
  expect(await node.lane.complete(first, done)).toEqual({ status: 'completed' });
  expect(await node.lane.complete(second, done)).toEqual({ status: 'completed' });
  // As a snapshot would bring it back: the ledger knows that it is done.
  await fleet.redis.xadd(fleet.stream.jobs, second.queueId, ...(entry[0]?.[1] ?? []));
  expect(await waiting).toMatchObject({ id: 'p-2', queueId: second.queueId });
  await fleet.enqueue('p-3');
  expect((await node.take()).id).toBe('p-3');
});

test('an entry that was deleted while it was in flight stops nobody', async () => {
  const [deleted = ''] = await fleet.enqueue('p-1', 'p-2');
  const [dead, survivor] = [await fleet.node(), await fleet.node()];
  await Promise.all([dead.take(), dead.take()]);
  await fleet.redis.xdel(fleet.stream.jobs, deleted);
  dead.kill();
  await fleet.recovered(survivor);
  expect((await survivor.take()).id).toBe('p-2');
  expect(await fleet.held()).toEqual({ [survivor.incarnation]: 1 });
});

test('a lane that is closed while Redis is away ends, and what waits for it is told', async () => {
  await fleet.enqueue('p-1', 'p-2');
  const node = await fleet.node();
  const [first, second] = (await node.take(2)) as [FetchedJob, FetchedJob];
  const waiting = node.lane.fetch(new AbortController().signal);
  node.kill();
  const answers = Promise.all([node.lane.complete(first, done), node.lane.park(second, 'no')]);
  await node.lane[Symbol.asyncDispose]();
  expect(await answers).toEqual([{ status: 'lost' }, 'lost']);
  expect(await waiting).toBeUndefined();
});

test('a node that fetches ahead gives back what nobody began when it is told to stop', async () => {
  await fleet.enqueue(...Array.from({ length: 40 }, (_, i) => `p-${i}`));
  const node = await fleet.node({ led: true, fetchAhead: 4 });
  const stop = new AbortController();
  node.lane.begin({ token: null, signal: stop.signal });
  const hand = await Promise.all(Array.from({ length: 4 }, () => node.take()));
  let started = hand.length;
  const shelved = async (): Promise<number> =>
    ((await fleet.held())[node.incarnation] ?? 0) - hand.length;
  while ((await shelved()) < 1 && started < 30) {
    await node.lane.complete(hand.shift() as FetchedJob, done);
    hand.push(await node.take());
    started += 1;
  }
  expect(await shelved()).toBeGreaterThan(0);
  stop.abort();
  while ((await shelved()) > 0);
  const other = await fleet.node();
  expect(await other.take()).toMatchObject({ id: `p-${started}`, recoveries: 0 });
  expect(idsOf(hand)).toHaveLength(4);
});
