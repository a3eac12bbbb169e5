import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { DataRedis } from '../data-redis.test-support.ts';
import { TestFleet, type TestNode } from './fleet.test-support.ts';
import type { BullmqLaneOptions } from './bullmq-lane-options.ts';
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

/** Lets `deaths` nodes die with the job at the head of the queue in hand. */
async function killed(survivor: TestNode, deaths: number, options: Partial<BullmqLaneOptions>) {
  for (let n = 0; n < deaths; n++) {
    const victim = await fleet.node(options);
    await victim.take();
    victim.kill();
    await fleet.recovered(survivor);
  }
}

test('R3: a job in flight at several deaths is tried alone: what is in hand is settled first', async () => {
  const limits = { recoveryLimit: 2 };
  const survivor = await fleet.node(limits);
  await fleet.enqueue(['poison']);
  await killed(survivor, 2, limits);
  await fleet.enqueue(['before', 'after'], { lifo: true });
  // The poison job stands at the tail end now: fetched after what came in front of it.
  const [after, before] = await survivor.take(2);
  const { signal } = new AbortController();
  const waiting = [survivor.lane.fetch(signal), survivor.lane.fetch(signal)];
  await held('poison');
  await fleet.enqueue(['later']);
  expect(await survivor.lane.complete(after as FetchedJob, { fetchNext: true })).toEqual({
    status: 'completed',
  });
  expect(await survivor.lane.complete(before as FetchedJob, { fetchNext: true })).toEqual({
    status: 'completed',
  });
  const alone = await Promise.race(waiting);
  expect(alone).toMatchObject({ id: 'poison', alone: true, recoveries: 2 });
  expect(await fleet.bull.getJobCounts('active', 'wait')).toEqual({ active: 1, wait: 1 });
  const done = await survivor.lane.complete(alone as FetchedJob, { fetchNext: true });
  expect(done).toMatchObject({ status: 'completed', next: { id: 'later', alone: false } });
  await survivor.lane.complete(done.next as FetchedJob, { fetchNext: false });
  await fleet.enqueue(['last']);
  expect((await Promise.race(waiting.slice(1)))?.id).toBe('last');
});

test('R3: a suspect is tried also where a job was fetched again before its first attempt was over', async () => {
  const [queueId = ''] = await fleet.enqueue(['p-1']);
  const node = await fleet.node({ recoveryLimit: 2 });
  const first = await node.take();
  await fleet.redis.del(fleet.key(`${queueId}:lock`));
  await fleet.recovered(node);
  const second = await node.take();
  expect(second.id).toBe('p-1');
  expect(await node.lane.complete(first, { fetchNext: false })).toEqual({ status: 'lost' });
  expect(await node.lane.complete(second, { fetchNext: false })).toEqual({ status: 'completed' });
  const [suspect = ''] = await fleet.enqueue(['suspect'], { delay: 60_000 });
  await fleet.redis.hset(fleet.key(suspect), 'understudy:recoveries', 2);
  await (await fleet.bull.getJob(suspect))?.promote();
  expect(await node.take()).toMatchObject({ id: 'suspect', alone: true });
});

/** Waits until the job `id` is active. */
async function held(id: string): Promise<void> {
  for (;;) {
    const active = await fleet.bull.getActive();
    if (active.some((job) => (job.data as { id: string }).id === id)) return;
  }
}

test('R3: a poison job that kills its process alone, too, is parked and does not kill the fleet for ever', async () => {
  const limits = { recoveryLimit: 2 };
  const survivor = await fleet.node(limits);
  const [queueId = ''] = await fleet.enqueue(['poison', 'fine']);
  await killed(survivor, 2, limits);
  const victim = await fleet.node(limits);
  expect(await victim.take()).toMatchObject({ id: 'poison', alone: true, recoveries: 2 });
  victim.kill();
  const recovery = await fleet.recovered(survivor);
  expect(recovery).toMatchObject({ taken: [{ queueId }], parked: [] });
  expect((await survivor.take()).id).toBe('fine');
  expect(survivor.parked).toEqual([
    { job: 'poison', reason: 'in flight at 3 deaths, at the last one alone' },
  ]);
  const job = await fleet.bull.getJob(queueId);
  expect(await job?.getState()).toBe('failed');
  expect(job?.failedReason).toBe('in flight at 3 deaths, at the last one alone');
});

test('R3: a suspect that was only held when its process died is not blamed', async () => {
  const limits = { recoveryLimit: 1 };
  const survivor = await fleet.node(limits);
  await fleet.enqueue(['suspect']);
  await killed(survivor, 1, limits);
  await fleet.enqueue(['other'], { lifo: true });
  const victim = await fleet.node(limits);
  await victim.take();
  const { signal } = new AbortController();
  const fetch = victim.lane.fetch(signal);
  await held('suspect');
  victim.kill();
  const recovery = await fleet.recovered(survivor);
  expect(recovery.taken).toHaveLength(2);
  await victim.lane[Symbol.asyncDispose]();
  expect(await fetch).toBeUndefined();
  // Both were in flight now; each is tried alone, and neither is given up.
  for (const id of ['other', 'suspect']) {
    const job = await survivor.take();
    expect(job).toMatchObject({ id, alone: true });
    await survivor.lane.complete(job, { fetchNext: false });
  }
  expect(survivor.parked).toEqual([]);
});

test('R3: a suspect that ran alone once and was handed back is not blamed for a later death', async () => {
  const limits = { recoveryLimit: 1 };
  const survivor = await fleet.node(limits);
  await fleet.enqueue(['suspect']);
  await killed(survivor, 1, limits);
  const alone = await survivor.take();
  expect(alone.alone).toBe(true);
  await survivor.lane.handBack(alone);
  await fleet.enqueue(['other'], { lifo: true });
  const victim = await fleet.node(limits);
  await victim.take();
  const fetch = victim.lane.fetch(new AbortController().signal);
  await held('suspect');
  victim.kill();
  await fleet.recovered(survivor);
  await victim.lane[Symbol.asyncDispose]();
  expect(await fetch).toBeUndefined();
  for (let n = 0; n < 2; n++) {
    await survivor.lane.complete(await survivor.take(), { fetchNext: false });
  }
  expect(survivor.parked).toEqual([]);
});

test('C4: before a job is given up the ledger is asked: what was committed is completed', async () => {
  const asked: string[] = [];
  const committed = (job: FetchedJob): Promise<boolean> => {
    asked.push(job.id);
    return Promise.resolve(true);
  };
  const survivor = await fleet.node({ recoveryLimit: 1, committed });
  const [queueId = ''] = await fleet.enqueue(['p-1', 'p-2']);
  await killed(survivor, 2, { recoveryLimit: 1 });
  expect((await survivor.take()).id).toBe('p-2');
  expect(asked).toEqual(['p-1']);
  expect(survivor.parked).toEqual([]);
  expect(await (await fleet.bull.getJob(queueId))?.getState()).toBe('completed');
});

test('C4: while the ledger cannot be asked a job is not given up', async () => {
  let answers = 0;
  const committed = (): Promise<boolean> => {
    answers += 1;
    return answers === 1 ? Promise.reject(new Error('no ledger')) : Promise.resolve(false);
  };
  const trouble: unknown[] = [];
  const onTrouble = (error: unknown): void => void trouble.push(error);
  const survivor = await fleet.node({ recoveryLimit: 1, committed, onTrouble });
  await fleet.enqueue(['p-1', 'p-2']);
  await killed(survivor, 2, { recoveryLimit: 1 });
  expect((await survivor.take()).id).toBe('p-2');
  expect(answers).toBe(2);
  expect(trouble).toHaveLength(1);
  expect(survivor.parked).toHaveLength(1);
});

test('R3: BullMQ’s own stalled check, the last net, does not fail a job that was taken back', async () => {
  const options = { lockDurationMs: 100, stalledIntervalMs: 20, recoveryLimit: 99 };
  const [queueId = ''] = await fleet.enqueue(['p-1']);
  const survivor = await fleet.node(options);
  // Nobody calls recover here: the lock expires, and the net catches the job, again and again.
  for (let n = 1; n <= 3; n++) {
    const victim = await fleet.node(options);
    expect((await victim.take()).attempt).toBe(n);
    victim.kill();
    await victim.lane[Symbol.asyncDispose]();
    while ((await fleet.bull.getWaitingCount()) === 0);
  }
  expect((await survivor.take()).queueId).toBe(queueId);
});
