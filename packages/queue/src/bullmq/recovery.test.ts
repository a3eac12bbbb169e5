import { randomId } from '@understudy/runtime';
import { Worker } from 'bullmq';
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

const idsOf = (jobs: readonly { id: string }[]): string[] => jobs.map(({ id }) => id);

test('R1: the jobs of a dead incarnation are taken back at once and come first, in their order', async () => {
  await fleet.enqueue(['p-1', 'p-2', 'p-3', 'p-4']);
  // Its heartbeat would live for a minute: it is the connection that tells.
  const dead = await fleet.node({ absentAfterMs: 60_000 });
  const survivor = await fleet.node();
  const held = await dead.take(3);
  dead.kill();
  const recovery = await fleet.recovered(survivor);
  expect(recovery.absent).toEqual([dead.incarnation]);
  expect(recovery.taken.map(({ queueId }) => queueId).sort()).toEqual(
    held.map(({ queueId }) => queueId).sort(),
  );
  expect(recovery.taken.every(({ incarnation }) => incarnation === dead.incarnation)).toBe(true);
  const again = await survivor.take(4);
  expect(idsOf(again)).toEqual(['p-1', 'p-2', 'p-3', 'p-4']);
  expect(again.map(({ recoveries }) => recoveries)).toEqual([1, 1, 1, 0]);
  expect(again.map(({ attempt }) => attempt)).toEqual([2, 2, 2, 1]);
});

test('R1: recovery called twice, or by several survivors, takes each job back once', async () => {
  await fleet.enqueue(['p-1', 'p-2', 'p-3']);
  const dead = await fleet.node();
  const survivors = [await fleet.node(), await fleet.node()];
  await dead.take(3);
  dead.kill();
  const taken: string[] = [];
  while (taken.length < 3) {
    const found = await Promise.all(survivors.map(({ lane }) => lane.recover()));
    taken.push(...found.flatMap((recovery) => recovery.taken.map(({ queueId }) => queueId)));
  }
  for (const { lane } of survivors) expect((await lane.recover()).taken).toEqual([]);
  expect(new Set(taken).size).toBe(3);
  expect(await fleet.bull.getJobCounts('wait', 'active')).toEqual({ wait: 3, active: 0 });
});

test('R1: nothing is taken from the living', async () => {
  await fleet.enqueue(['p-1', 'p-2']);
  const [busy, survivor] = [await fleet.node(), await fleet.node()];
  const [first] = await busy.take(2);
  // Longer than the first sweep: by then everybody's jobs were looked at.
  for (let i = 0; i < 50; i++) {
    expect(await survivor.lane.recover()).toEqual({ taken: [], parked: [], absent: [] });
  }
  expect(await busy.lane.complete(first as never, { fetchNext: false })).toMatchObject({
    status: 'completed',
  });
});

test('R1: where the server lets nobody ask for subscribers, the heartbeat tells who is dead', async () => {
  await fleet.enqueue(['p-1', 'p-2']);
  await fleet.redis.acl('SETUSER', 'default', '-pubsub');
  try {
    const [dead, living] = [await fleet.node(), await fleet.node()];
    await living.take();
    const held = await dead.take();
    dead.kill();
    const recovery = await fleet.recovered(living);
    expect(recovery.absent).toEqual([dead.incarnation]);
    expect(recovery.taken.map(({ queueId }) => queueId)).toEqual([held.queueId]);
  } finally {
    await fleet.redis.acl('SETUSER', 'default', '+pubsub');
  }
});

test('R1: a pause is noticed by the heartbeat, though the connection stays', async () => {
  await fleet.enqueue(['p-1']);
  // Its lock would live for a minute: it is the heartbeat that tells.
  const paused = await fleet.node({ absentAfterMs: 120, lockDurationMs: 60_000 });
  const survivor = await fleet.node();
  await paused.take();
  paused.link.freeze();
  const recovery = await fleet.recovered(survivor);
  expect(recovery.taken).toMatchObject([{ incarnation: paused.incarnation }]);
});

test('R1: a zombie that wakes after its jobs were taken over is told so and disturbs nobody', async () => {
  await fleet.enqueue(['p-1', 'p-2', 'p-3', 'p-4']);
  const zombie = await fleet.node({ absentAfterMs: 120, lockDurationMs: 300 });
  const survivor = await fleet.node();
  const [first, second, third, fourth] = await zombie.take(4);
  zombie.link.freeze();
  while ((await fleet.bull.getActiveCount()) > 0) await survivor.lane.recover();
  const taken = await survivor.take(4);
  const locks = taken.map(({ queueId }) => fleet.key(`${queueId}:lock`));
  const before = await fleet.redis.mget(locks);
  zombie.link.thaw();
  const answers = await Promise.all([
    zombie.lane.complete(first as never, { fetchNext: true }),
    zombie.lane.handBack(second as never),
    zombie.lane.failAttempt(third as never, new Error('late')),
    zombie.lane.park(fourth as never, 'late'),
  ]);
  expect(answers).toEqual([{ status: 'lost' }, 'lost', 'lost', 'lost']);
  expect(await fleet.redis.mget(locks)).toEqual(before);
  for (const job of taken) {
    expect(await survivor.lane.complete(job, { fetchNext: false })).toEqual({
      status: 'completed',
    });
  }
  expect(await fleet.bull.getJobCounts('completed', 'failed', 'wait', 'active')).toEqual({
    completed: 4,
    failed: 0,
    wait: 0,
    active: 0,
  });
});

test('R1: a zombie whose job is in nobody’s hands cannot complete it either', async () => {
  const [queueId] = await fleet.enqueue(['p-1']);
  const [zombie, survivor] = [await fleet.node({ absentAfterMs: 120 }), await fleet.node()];
  const job = await zombie.take();
  zombie.link.freeze();
  await fleet.recovered(survivor);
  zombie.link.thaw();
  expect(await zombie.lane.complete(job, { fetchNext: false })).toEqual({ status: 'lost' });
  expect(await survivor.take()).toMatchObject({ queueId, id: 'p-1' });
});

test('R1: a fetch of the dead that executes late is taken back by a later call', async () => {
  const [dead, survivor] = [await fleet.node(), await fleet.node()];
  dead.kill();
  while ((await survivor.lane.recover()).absent.length === 0);
  // What was in a socket when its process died, executed after the recovery.
  const [queueId = ''] = await fleet.enqueue(['p-1']);
  await fleet.redis.rpoplpush(fleet.key('wait'), fleet.key('active'));
  const lock = fleet.key(`${queueId}:lock`);
  await fleet.redis.set(lock, `${dead.incarnation}:late`, 'PX', 60_000);
  const recovery = await fleet.recovered(survivor);
  expect(recovery.taken).toEqual([{ queueId, incarnation: dead.incarnation }]);
  expect(await fleet.redis.exists(lock)).toBe(0);
});

test('R1: a job whose lock is gone is taken back, and counted only if its owner is dead', async () => {
  await fleet.enqueue(['p-1', 'p-2']);
  const [living, dead, survivor] = [await fleet.node(), await fleet.node(), await fleet.node()];
  const [lost, left] = [await living.take(), await dead.take()];
  for (const { queueId } of [lost, left]) await fleet.redis.del(fleet.key(`${queueId}:lock`));
  dead.kill();
  const taken: string[] = [];
  while (taken.length < 2) {
    const recovery = await survivor.lane.recover();
    taken.push(...recovery.taken.map(({ incarnation }) => incarnation));
  }
  expect(taken.sort()).toEqual([living.incarnation, dead.incarnation].sort());
  const again = await survivor.take(2);
  expect(Object.fromEntries(again.map(({ id, recoveries }) => [id, recoveries]))).toEqual({
    'p-1': 0,
    'p-2': 1,
  });
  expect(await living.lane.complete(lost, { fetchNext: false })).toEqual({ status: 'lost' });
});

test('R1: the jobs of a BullMQ worker that knows nothing of incarnations are left alone', async () => {
  const [queueId = ''] = await fleet.enqueue(['p-1']);
  const started = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const worker = new Worker(
    'jobs',
    async () => {
      started.resolve();
      await release.promise;
    },
    { connection: fleet.redis, prefix: fleet.keys.queuePrefix, skipVersionCheck: true },
  );
  const survivor = await fleet.node();
  await started.promise;
  for (let i = 0; i < 20; i++) expect((await survivor.lane.recover()).taken).toEqual([]);
  const completed = new Promise((resolve) => worker.once('completed', resolve));
  release.resolve();
  await completed;
  expect(await (await fleet.bull.getJob(queueId))?.getState()).toBe('completed');
  await worker.close();
});

test('R1: a job that was removed, or overwritten, while it was active does not stop recovery', async () => {
  const [removed = '', broken = ''] = await fleet.enqueue(['p-1', 'p-2', 'p-3']);
  const [dead, survivor] = [await fleet.node(), await fleet.node()];
  await dead.take(3);
  await fleet.redis.del(fleet.key(removed));
  await fleet.redis.set(fleet.key(broken), 'no job');
  dead.kill();
  const recovery = await fleet.recovered(survivor);
  expect(recovery.parked).toEqual([broken]);
  expect(await survivor.take()).toMatchObject({ id: 'p-3' });
  expect(await fleet.redis.zrange(fleet.key('failed'), '0', '-1')).toEqual([broken]);
  expect(await fleet.bull.getActiveCount()).toBe(1);
});

test('R1: taken back jobs keep their priority and wake an idle worker', async () => {
  await fleet.enqueue(['p-1'], { priority: 5 });
  await fleet.enqueue(['p-2'], { priority: 5 });
  const [dead, survivor] = [await fleet.node(), await fleet.node()];
  await dead.take();
  dead.kill();
  await fleet.recovered(survivor);
  expect(idsOf(await survivor.take(2))).toEqual(['p-1', 'p-2']);
});

test('R1: in a paused queue taken back jobs wait like the others', async () => {
  await fleet.enqueue(['p-1']);
  const [dead, survivor] = [await fleet.node(), await fleet.node()];
  await dead.take();
  await fleet.bull.pause();
  dead.kill();
  await fleet.recovered(survivor);
  const stop = new AbortController();
  const fetch = survivor.lane.fetch(stop.signal);
  expect(await fleet.redis.exists(fleet.key('marker'))).toBe(0);
  await fleet.bull.resume();
  expect((await fetch)?.id).toBe('p-1');
});

test('R1: a job whose fetch was answered to nobody is put back by the process that holds its lock', async () => {
  const node = await fleet.node();
  await node.lane.recover();
  const stop = new AbortController();
  const fetch = node.lane.fetch(stop.signal);
  await fleet.enqueue(['p-1']);
  await fetch;
  // Locked by this very incarnation, and unknown to it: as after a reply that was lost.
  const [queueId = ''] = await fleet.enqueue(['p-2']);
  await fleet.redis.rpoplpush(fleet.key('wait'), fleet.key('active'));
  const token = `${node.incarnation}:${randomId()}`;
  await fleet.redis.set(fleet.key(`${queueId}:lock`), token, 'PX', 60_000);
  await fleet.redis.hset(fleet.key(queueId), 'pb', node.incarnation);
  const recovery = await fleet.recovered(node);
  expect(recovery.taken).toEqual([{ queueId, incarnation: node.incarnation }]);
  const again = await node.take();
  expect(again).toMatchObject({ id: 'p-2', recoveries: 0 });
});
