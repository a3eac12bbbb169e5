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

test('a job that is not JSON, or has no id, is parked with the reason, and the next one comes', async () => {
  const { redis, bull } = fleet;
  await bull.addBulk(
    ['text', 'options', 'parent'].map((id) => ({ name: 'job', data: { id }, opts: { jobId: id } })),
  );
  await bull.add('job', { amount: 1 }, { jobId: 'no-id' });
  await redis.hset(fleet.key('text'), 'data', '{"id":');
  await redis.hset(fleet.key('options'), 'opts', 'nonsense');
  await redis.hset(fleet.key('parent'), 'parent', 'nonsense');
  await redis.lpush(fleet.key('wait'), 'never-added');
  await fleet.enqueue(['fine']);
  const node = await fleet.node();
  expect((await node.take()).id).toBe('fine');
  expect(node.parked.map(({ job }) => job)).toEqual([
    'text',
    'options',
    'parent',
    'no-id',
    'never-added',
  ]);
  for (const { job, reason } of node.parked) {
    expect(reason).toMatch(/^malformed: /);
    expect(await redis.hget(fleet.key(job), 'failedReason')).toBe(reason);
    expect(await redis.exists(fleet.key(`${job}:lock`))).toBe(0);
  }
  expect(await bull.getJobCounts('failed', 'active', 'wait')).toEqual({
    failed: 5,
    active: 1,
    wait: 0,
  });
});

test('a malformed job that a completion brings along is parked, too', async () => {
  await fleet.enqueue(['first', 'second']);
  await fleet.bull.add('job', 'just a string', { jobId: 'odd' });
  await fleet.enqueue(['third']);
  const node = await fleet.node();
  const [first] = await node.take(2);
  expect(await node.lane.complete(first as never, { fetchNext: true })).toEqual({
    status: 'completed',
  });
  expect(node.parked.map(({ job }) => job)).toEqual(['odd']);
  expect((await node.take()).id).toBe('third');
});

test('a job that somebody wrote over blocks neither the lane nor recovery', async () => {
  await fleet.enqueue(['fine']);
  await fleet.bull.add('job', { id: 'odd' }, { jobId: 'odd', lifo: true });
  await fleet.redis.set(fleet.key('odd'), 'no hash any more');
  const trouble: unknown[] = [];
  const onTrouble = (error: unknown): void => void trouble.push(error);
  const node = await fleet.node({ onTrouble });
  expect((await node.take()).id).toBe('fine');
  expect(trouble).toHaveLength(1);
  const recovery = await fleet.recovered(node);
  expect(recovery.parked).toEqual(['odd']);
  expect(await fleet.bull.getActiveCount()).toBe(1);
});
