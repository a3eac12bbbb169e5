import { afterAll, beforeAll, expect, test } from 'vitest';
import { DataRedis } from '../data-redis.test-support.ts';
import { TestFleet } from './fleet.test-support.ts';

let data: DataRedis;
beforeAll(async () => {
  data = await DataRedis.start();
});
afterAll(() => data[Symbol.asyncDispose]());

test('a queue in which nothing happened yet has no jobs, and none that waits', async () => {
  await using fleet = new TestFleet(data);
  const node = await fleet.node();
  expect(await node.lane.backlog()).toEqual({
    jobs: { waiting: 0, active: 0, delayed: 0, parked: 0 },
    nextWaitingAgeMs: null,
  });
});

test('jobs are counted where they are: waiting with and without priority, in hand, later, parked', async () => {
  await using fleet = new TestFleet(data);
  const node = await fleet.node();
  await fleet.enqueue(['p-1', 'p-2']);
  const [first, second] = await node.take(2);
  if (first) await node.lane.park(first, 'a reason');
  await fleet.enqueue(['p-3', 'p-4']);
  await fleet.enqueue(['p-5'], { priority: 3 });
  await fleet.enqueue(['p-6'], { delay: 600_000 });
  expect((await node.lane.backlog()).jobs).toEqual({
    waiting: 3,
    active: 1,
    delayed: 1,
    parked: 1,
  });
  if (second) await node.lane.handBack(second);
  expect((await node.lane.backlog()).jobs).toMatchObject({ waiting: 4, active: 0 });
});

test('jobs of a paused queue wait', async () => {
  await using fleet = new TestFleet(data);
  const node = await fleet.node();
  await fleet.bull.pause();
  await fleet.enqueue(['p-1']);
  const { jobs, nextWaitingAgeMs } = await node.lane.backlog();
  expect(jobs.waiting).toBe(1);
  expect(nextWaitingAgeMs).not.toBeNull();
});

test('the age is that of the job whose turn comes next, also of one that has a priority', async () => {
  await using fleet = new TestFleet(data);
  const node = await fleet.node();
  const now = await fleet.redis.time();
  const nowMs = Number(now[0]) * 1000;
  await fleet.enqueue(['p-1'], { timestamp: nowMs - 60_000 });
  await fleet.enqueue(['p-2'], { timestamp: nowMs - 1000 });
  const age = async (): Promise<number> => (await node.lane.backlog()).nextWaitingAgeMs ?? -1;
  expect(await age()).toBeGreaterThanOrEqual(60_000);
  expect(await age()).toBeLessThan(120_000);
  await fleet.enqueue(['p-3'], { timestamp: nowMs - 300_000, priority: 1 });
  expect(await age()).toBeGreaterThanOrEqual(300_000);
});
