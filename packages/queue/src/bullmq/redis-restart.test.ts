import { afterAll, beforeAll, expect, test } from 'vitest';
import { DataRedis } from '../data-redis.test-support.ts';
import { TestFleet, type TestNode } from './fleet.test-support.ts';

let data: DataRedis;
beforeAll(async () => {
  data = await DataRedis.start('always');
});
afterAll(() => data[Symbol.asyncDispose]());

/** Recovers with `node` while `until` is not so; fails when anything is taken. */
async function nothingTaken(node: TestNode, until: () => Promise<boolean>): Promise<void> {
  while (!(await until())) {
    const { taken } = await node.lane.recover();
    expect(taken).toEqual([]);
  }
}

test('R1: a restart of Redis, where every presence is gone, makes nobody steal from everybody', async () => {
  await using fleet = new TestFleet(data);
  await fleet.enqueue(['p-1', 'p-2']);
  const node = (absentAfterMs: number) =>
    fleet.node({ absentAfterMs, graceMs: 1500, lockDurationMs: 60_000 });
  // The heartbeat of the one that is cut off expires while it cannot be renewed.
  const [cutOff, survivor] = [await node(100), await node(100)];
  const job = await cutOff.take();
  cutOff.link.freeze();
  await data.restart();
  const heartbeat = fleet.keys.heartbeatOf(cutOff.incarnation);
  await nothingTaken(survivor, async () => (await fleet.redis.exists(heartbeat)) === 0);
  for (let i = 0; i < 20; i++) expect((await survivor.lane.recover()).taken).toEqual([]);
  // It comes back within the grace period and is as it was.
  cutOff.link.cut();
  cutOff.link.thaw();
  await nothingTaken(survivor, async () => (await fleet.redis.exists(heartbeat)) === 1);
  expect(await cutOff.lane.complete(job, { fetchNext: false })).toEqual({ status: 'completed' });
});

test('R1: who does not come back after a restart of Redis is absent when the grace period is over', async () => {
  await using fleet = new TestFleet(data);
  const [queueId = ''] = await fleet.enqueue(['p-1']);
  const node = () => fleet.node({ absentAfterMs: 100, graceMs: 400, lockDurationMs: 60_000 });
  const [gone, survivor] = [await node(), await node()];
  await gone.take();
  gone.kill();
  await data.restart();
  const recovery = await fleet.recovered(survivor);
  expect(recovery.taken).toEqual([{ queueId, incarnation: gone.incarnation }]);
});

test('a lane goes on after a restart of Redis, with what it had in hand and what comes', async () => {
  await using fleet = new TestFleet(data);
  await fleet.enqueue(['p-1']);
  const node = await fleet.node({ lockDurationMs: 60_000 });
  const job = await node.take();
  const next = node.take();
  await data.restart();
  expect(await node.lane.complete(job, { fetchNext: false })).toEqual({ status: 'completed' });
  await fleet.enqueue(['p-2']);
  expect((await next).id).toBe('p-2');
});
