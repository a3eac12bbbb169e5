import { seededPrng } from '@understudy/runtime';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { DataRedis } from '../data-redis.test-support.ts';
import type { FetchedJob } from '../lane.ts';
import { idsOf, StreamFleet, type TestNode, toldOf } from './fleet.test-support.ts';
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

/** `count` slots of `node` that ask in one moment. */
function slots(node: TestNode, count: number): Promise<FetchedJob[]> {
  return Promise.all(Array.from({ length: count }, () => node.take()));
}

/** Executes a fetch of `consumer` whose answer nobody gets. */
async function fetchUntold(consumer: string, count: number): Promise<void> {
  await fleet.redis.xreadgroup(
    ...(['GROUP', CONSUMER_GROUP, consumer, 'COUNT', count, 'STREAMS'] as const),
    ...[fleet.stream.jobs, '>'],
  );
}

test('R1: what a dead incarnation held is taken back at once and comes first, in its order', async () => {
  await fleet.enqueue('p-1', 'p-2', 'p-3', 'p-4');
  // Its heartbeat would live for a minute: it is the connection that tells.
  const dead = await fleet.node({ absentAfterMs: 60_000 });
  const survivor = await fleet.node();
  const held = await slots(dead, 3);
  dead.kill();
  const recovery = await fleet.recovered(survivor);
  expect(recovery.absent).toEqual([dead.incarnation]);
  expect(recovery.taken).toEqual(
    held.map(({ queueId }) => ({ queueId, incarnation: dead.incarnation })),
  );
  const again = await slots(survivor, 4);
  expect(idsOf(again)).toEqual(['p-1', 'p-2', 'p-3', 'p-4']);
  expect(again.map(({ recoveries }) => recoveries)).toEqual([1, 1, 1, 0]);
  expect(again.map(({ attempt }) => attempt)).toEqual([2, 2, 2, 1]);
});

test('R1: recovery called twice, or by several survivors, takes each job back once, and one of them gets it', async () => {
  await fleet.enqueue('p-1', 'p-2', 'p-3');
  const dead = await fleet.node();
  const survivors = [await fleet.node(), await fleet.node()];
  await slots(dead, 3);
  const waiting = survivors.flatMap((node) => Array.from({ length: 3 }, () => node.take()));
  dead.kill();
  const taken: string[] = [];
  while (taken.length < 3) {
    const found = await Promise.all(survivors.map(({ lane }) => lane.recover()));
    taken.push(...found.flatMap((recovery) => recovery.taken.map(({ queueId }) => queueId)));
  }
  expect(new Set(taken).size).toBe(3);
  const jobs: FetchedJob[] = [];
  // Those that get none are told nothing when the lane is closed.
  for (const slot of waiting)
    slot.then(
      (job) => jobs.push(job),
      () => undefined,
    );
  while (jobs.length < 3) for (const { lane } of survivors) await lane.recover();
  expect(idsOf(jobs).sort()).toEqual(['p-1', 'p-2', 'p-3']);
});

test('R1: nothing is taken from the living', async () => {
  await fleet.enqueue('p-1', 'p-2');
  const [busy, survivor] = [await fleet.node(), await fleet.node()];
  const [first] = await slots(busy, 2);
  for (let i = 0; i < 50; i++) {
    expect(await survivor.lane.recover()).toEqual({ taken: [], parked: [], absent: [] });
  }
  expect(await busy.lane.complete(first as FetchedJob, done)).toEqual({ status: 'completed' });
});

test('R1: a zombie that wakes after its jobs were taken over is told so and disturbs nobody', async () => {
  await fleet.enqueue('p-1', 'p-2', 'p-3', 'p-4');
  const zombie = await fleet.node({ absentAfterMs: 120 });
  const survivor = await fleet.node();
  const [first, second, third, fourth] = (await slots(zombie, 4)) as [
    ...[FetchedJob, FetchedJob, FetchedJob, FetchedJob],
  ];
  zombie.link.freeze();
  await fleet.recovered(survivor);
  const taken = await slots(survivor, 4);
  zombie.link.thaw();
  const answers = await Promise.all([
    zombie.lane.complete(first, done),
    zombie.lane.handBack(second),
    zombie.lane.failAttempt(third, new Error('late')),
    zombie.lane.park(fourth, 'late'),
  ]);
  expect(answers).toEqual([{ status: 'lost' }, 'lost', 'lost', 'lost']);
  for (const job of taken) {
    expect(await survivor.lane.complete(job, done)).toEqual({ status: 'completed' });
  }
  expect(await fleet.length()).toBe(0);
  expect(await fleet.parked()).toEqual([]);
});

test('R1: a zombie whose job is in nobody’s hands cannot complete it either', async () => {
  await fleet.enqueue('p-1');
  const [zombie, survivor] = [await fleet.node({ absentAfterMs: 120 }), await fleet.node()];
  const job = await zombie.take();
  zombie.link.freeze();
  await fleet.recovered(survivor);
  zombie.link.thaw();
  expect(await zombie.lane.complete(job, done)).toEqual({ status: 'lost' });
  expect((await survivor.take()).id).toBe('p-1');
});

test('R1: a fetch of the dead that executes late is taken back by a later call', async () => {
  const [dead, survivor] = [await fleet.node(), await fleet.node()];
  dead.kill();
  while ((await survivor.lane.recover()).absent.length === 0);
  await fleet.enqueue('warm', 'p-1');
  await survivor.lane.complete(await survivor.take(), done);
  await fetchUntold(dead.incarnation, 1);
  const recovery = await fleet.recovered(survivor);
  expect(recovery.taken).toMatchObject([{ incarnation: dead.incarnation }]);
  expect((await survivor.take()).id).toBe('p-1');
});

test('R1: a consumer that was never announced is left alone, until it has asked for nothing in a long time', async () => {
  await fleet.enqueue('warm', 'p-1');
  const patient = await fleet.node({ unknownAfterMs: 60_000 });
  await patient.lane.complete(await patient.take(), done);
  await fetchUntold('a-stranger', 1);
  for (let i = 0; i < 50; i++) expect((await patient.lane.recover()).taken).toEqual([]);
  const impatient = await fleet.node({ unknownAfterMs: 1 });
  expect((await fleet.recovered(impatient)).taken).toMatchObject([{ incarnation: 'a-stranger' }]);
  expect(await impatient.take()).toMatchObject({ id: 'p-1', recoveries: 0 });
});

test('R1: what this process holds and was never told of is found by it', async () => {
  await fleet.enqueue('warm', 'p-1', 'p-2');
  const node = await fleet.node();
  await node.lane.complete(await node.take(), done);
  await fetchUntold('a-stranger', 1);
  // It stands before what was fetched last: no fetch from there on shows it.
  await node.lane.complete(await node.take(), done);
  const [untold] = await fleet.redis.xrange(fleet.stream.jobs, '-', '+');
  await fleet.redis.xclaim(
    ...[fleet.stream.jobs, CONSUMER_GROUP, node.incarnation, 0, untold?.[0] ?? '', 'JUSTID'],
  );
  let job: FetchedJob | undefined;
  void node.take().then((found) => (job = found));
  while (!job) await node.lane.recover();
  expect(job.id).toBe('p-1');
});

test('R1: a consumer of the dead that holds nothing is forgotten', async () => {
  await fleet.enqueue('p-1');
  const [dead, survivor] = [await fleet.node(), await fleet.node()];
  await dead.lane.complete(await dead.take(), done);
  dead.kill();
  const names = async (): Promise<unknown[]> =>
    ((await fleet.redis.xinfo('CONSUMERS', fleet.stream.jobs, CONSUMER_GROUP)) as unknown[][]).map(
      (consumer) => consumer[1],
    );
  expect(await names()).toContain(dead.incarnation);
  while ((await names()).includes(dead.incarnation)) await survivor.lane.recover();
});

test('R1: survivors recover in a loop while all fetch: the dead lose everything, the living nothing', async () => {
  const prng = seededPrng(process.env.TEST_SEED ?? '');
  const count = 600;
  await fleet.enqueue(...Array.from({ length: count }, (_, i) => `p-${i}`));
  const nodes: TestNode[] = [];
  for (let i = 0; i < 5; i++)
    nodes.push(await fleet.node({ absentAfterMs: 60_000, fetchAhead: 8 }));
  const stop = new AbortController();
  const dead = new Set<TestNode>();
  const stolen: string[] = [];
  const telling: Promise<void>[] = [];
  const slot = async (node: TestNode): Promise<void> => {
    let job = await node.lane.fetch(stop.signal);
    while (job) {
      const { id } = job;
      const completion = await node.lane.complete(job, { fetchNext: true });
      telling.push(
        toldOf(completion).then((told) => {
          if (told === 'lost' && !dead.has(node)) stolen.push(id);
        }),
      );
      job = completion.next ?? (await node.lane.fetch(stop.signal));
    }
  };
  const recovering = async (node: TestNode): Promise<void> => {
    while (!stop.signal.aborted && !dead.has(node)) {
      await node.lane.recover().catch(() => undefined);
    }
  };
  const working = nodes.flatMap((node) => [
    recovering(node),
    ...Array.from({ length: 8 }, () => slot(node)),
  ]);
  for (const victim of [prng.integer(0, 1), prng.integer(2, 3)]) {
    const atMost = count - prng.integer(100, 250) * (victim < 2 ? 1 : 2);
    while ((await fleet.length()) > atMost);
    const node = nodes[victim] as TestNode;
    dead.add(node);
    node.kill();
    void node.lane[Symbol.asyncDispose]();
  }
  while ((await fleet.length()) > 0);
  stop.abort();
  await Promise.all(working);
  await Promise.all(telling);
  expect(stolen).toEqual([]);
  expect(await fleet.held()).toEqual({});
});
