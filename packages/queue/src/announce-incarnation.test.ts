import { InvalidName } from '@understudy/redis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { announceIncarnation } from './announce-incarnation.ts';
import { TestFleet, type TestNode } from './bullmq/fleet.test-support.ts';
import { DataRedis } from './data-redis.test-support.ts';
import { openLink } from './link.test-support.ts';

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

/** Options of one incarnation of the fleet. */
function options(url = data.url) {
  return { url, group: fleet.group, node: 'node-1', incarnation: 'i1', heartbeatMs: 20 };
}

/** How many subscribers the presence channel of `i1` has. */
async function subscribers(): Promise<unknown> {
  const counted = await fleet.redis.pubsub('NUMSUB', fleet.keys.presenceOf('i1'));
  return counted[1];
}

test('R1: once announced, an incarnation is registered, subscribed, and its heart beats', async () => {
  await using presence = await announceIncarnation(options());
  expect(presence.incarnation).toBe('i1');
  expect(await subscribers()).toBe(1);
  expect(await fleet.redis.hget(fleet.keys.incarnations, 'i1')).toMatch(/^[0-9a-f]{40} node-1$/);
  expect(await fleet.redis.pttl(fleet.keys.heartbeatOf('i1'))).toBeGreaterThan(0);
});

test('R1: an incarnation that withdraws is absent at once, and stays known for what it left', async () => {
  const survivor = await fleet.node();
  const presence = await announceIncarnation({ ...options(), absentAfterMs: 60_000 });
  expect((await survivor.lane.recover()).absent).toEqual([]);
  await presence[Symbol.asyncDispose]();
  expect(await subscribers()).toBe(0);
  expect(await fleet.redis.exists(fleet.keys.heartbeatOf('i1'))).toBe(0);
  expect((await survivor.lane.recover()).absent).toEqual(['i1']);
  await presence[Symbol.asyncDispose]();
});

test('R1: what is absent for long is forgotten, and what comes back is present again', async () => {
  const survivor = await fleet.node();
  const presence = await announceIncarnation(options());
  await presence[Symbol.asyncDispose]();
  await survivor.lane.recover();
  const absent = `${fleet.keys.incarnations}:absent`;
  const since = Number(await fleet.redis.hget(absent, 'i1'));
  await fleet.redis.hset(absent, 'i1', since - 60_000);
  while ((await survivor.lane.recover()).absent.length > 0);
  expect(await fleet.redis.hkeys(fleet.keys.incarnations)).toEqual([survivor.incarnation]);
  expect(await fleet.redis.exists(absent)).toBe(0);
  await using again = await announceIncarnation(options());
  expect(again.incarnation).toBe('i1');
  expect((await survivor.lane.recover()).absent).toEqual([]);
});

test('R1: after its connections were cut an incarnation announces itself anew', async () => {
  const link = await openLink(data.port);
  const presence = await announceIncarnation(options(link.url));
  await fleet.redis.del(fleet.keys.incarnations, fleet.keys.heartbeatOf('i1'));
  link.cut();
  while ((await subscribers()) !== 1);
  while (!(await fleet.redis.hexists(fleet.keys.incarnations, 'i1')));
  await presence[Symbol.asyncDispose]();
  link.close();
});

test('R1: a Redis that is full makes nobody absent: the heartbeat is renewed without new memory', async () => {
  await using _presence = await announceIncarnation({ ...options(), absentAfterMs: 60_000 });
  await fleet.redis.config('SET', 'maxmemory', '1');
  try {
    await expect(fleet.redis.set(fleet.key('x'), '1')).rejects.toThrow('OOM');
    const heartbeat = fleet.keys.heartbeatOf('i1');
    await fleet.redis.pexpire(heartbeat, 30_000);
    while ((await fleet.redis.pttl(heartbeat)) <= 30_000);
  } finally {
    await fleet.redis.config('SET', 'maxmemory', '0');
  }
});

/** The server stood still, as it sees it itself: no heart has beaten for long, and all expired. */
async function stoodStill(nodes: readonly TestNode[]): Promise<void> {
  const { incarnations, heartbeatOf } = fleet.keys;
  const entry = await fleet.redis.hget(incarnations, nodes[0]?.incarnation ?? '');
  const [run = ''] = (entry ?? '').split(' ');
  // Its run has been known for long: it is not the grace after a restart that protects anybody.
  await fleet.redis.set(`${incarnations}:server`, `${run} 1`);
  await fleet.redis.del(...nodes.map(({ incarnation }) => heartbeatOf(incarnation)));
  await fleet.redis.set(`${incarnations}:due`, '1');
}

test('R1: whoever recovers lives, and takes nothing back from itself, however it looks to others', async () => {
  const [queueId = ''] = await fleet.enqueue(['p-1']);
  const node = () => fleet.node({ absentAfterMs: 600_000, graceMs: 0 });
  const [holder, other] = [await node(), await node()];
  await holder.take();
  await fleet.redis.del(fleet.keys.heartbeatOf(holder.incarnation));
  expect(await holder.lane.recover()).toMatchObject({ taken: [], absent: [] });
  const { taken } = await other.lane.recover();
  expect(taken).toEqual([{ queueId, incarnation: holder.incarnation }]);
});

test('R1: when the Redis stood still, nobody takes jobs from those who could not renew', async () => {
  await fleet.enqueue(['p-1']);
  // Their own heartbeats come so rarely that none comes in between.
  const node = () => fleet.node({ absentAfterMs: 600_000, graceMs: 60_000 });
  const [holder, other] = [await node(), await node()];
  const job = await holder.take();
  await stoodStill([holder, other]);
  expect(await other.lane.recover()).toMatchObject({ taken: [], absent: [] });
  expect(await holder.lane.complete(job, { fetchNext: false })).toEqual({ status: 'completed' });
});

test('R1: when the Redis stood still, the first heart that beats again makes nobody else absent', async () => {
  await fleet.enqueue(['p-1']);
  const node = () => fleet.node({ absentAfterMs: 600_000, graceMs: 60_000 });
  const [holder, other] = [await node(), await node()];
  await holder.take();
  await stoodStill([holder, other]);
  await using _first = await announceIncarnation(options());
  expect(await other.lane.recover()).toMatchObject({ taken: [], absent: [] });
});

test('R1: when the Redis stood still, who died meanwhile is absent all the same', async () => {
  const [queueId = ''] = await fleet.enqueue(['p-1']);
  const node = () => fleet.node({ absentAfterMs: 600_000, graceMs: 60_000 });
  const [holder, other] = [await node(), await node()];
  await holder.take();
  await stoodStill([holder, other]);
  holder.kill();
  const { taken } = await fleet.recovered(other);
  expect(taken).toEqual([{ queueId, incarnation: holder.incarnation }]);
});

test('R1: without a Redis the announcement waits, and ends when it is told to', async () => {
  const stop = new AbortController();
  const announced = announceIncarnation({ ...options('redis://127.0.0.1:1'), signal: stop.signal });
  stop.abort();
  const presence = await announced;
  await presence[Symbol.asyncDispose]();
});

test('a name that could not be told from the rest of a lock is refused', async () => {
  for (const incarnation of ['', 'a:b', 'a b']) {
    await expect(announceIncarnation({ ...options(), incarnation })).rejects.toThrow(InvalidName);
  }
});

test('a server that refuses what a heartbeat needs is named, and the incarnation is announced once it is allowed', async () => {
  await fleet.redis.acl('SETUSER', 'default', '-time');
  const refused = Promise.withResolvers<string>();
  try {
    const announced = announceIncarnation({
      ...options(),
      onTrouble: (error) => refused.resolve(String(error)),
    });
    expect(await refused.promise).toMatch(/user executing the script can't run this command/);
    await fleet.redis.acl('SETUSER', 'default', '+time');
    await using presence = await announced;
    expect(presence.incarnation).toBe('i1');
  } finally {
    await fleet.redis.acl('SETUSER', 'default', '+time');
  }
});
