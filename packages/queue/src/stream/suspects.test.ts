import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { DataRedis } from '../data-redis.test-support.ts';
import type { FetchedJob } from '../lane.ts';
import { type NodeOptions, StreamFleet, type TestNode } from './fleet.test-support.ts';

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

/** Lets `deaths` nodes die with the first job of the stream in hand. */
async function killed(survivor: TestNode, deaths: number, options: NodeOptions): Promise<void> {
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
  await fleet.enqueue('poison');
  await killed(survivor, 2, limits);
  const other = await fleet.node(limits);
  await fleet.enqueue('before');
  // The survivor has a job in hand when the suspect comes.
  const suspect = await other.take();
  const before = await survivor.take();
  await other.lane.handBack(suspect);
  await other[Symbol.asyncDispose]();
  const waiting = [survivor.take(), survivor.take()];
  let handed: FetchedJob | undefined;
  for (const slot of waiting) void slot.then((job) => (handed ??= job));
  while (!(await fleet.held())[survivor.incarnation]);
  while ((await fleet.held())[':returned']) await survivor.lane.recover();
  await fleet.enqueue('later');
  expect(handed).toBeUndefined();
  await survivor.lane.complete(before, done);
  const alone = await Promise.race(waiting);
  expect(alone).toMatchObject({ id: 'poison', alone: true, recoveries: 2 });
  const { next } = await survivor.lane.complete(alone, { fetchNext: true });
  expect((next ?? (await Promise.all(waiting))[1])?.id).toBe('later');
});

test('R3: a poison job that kills its process alone, too, is parked and does not kill the fleet for ever', async () => {
  const limits = { recoveryLimit: 2 };
  const survivor = await fleet.node(limits);
  await fleet.enqueue('poison', 'fine');
  await killed(survivor, 2, limits);
  const victim = await fleet.node(limits);
  expect(await victim.take()).toMatchObject({ id: 'poison', alone: true, recoveries: 2 });
  victim.kill();
  await fleet.recovered(survivor);
  expect((await survivor.take()).id).toBe('fine');
  const reason = 'in flight at 3 deaths, at the last one alone';
  while (survivor.parked.length === 0) await survivor.lane.recover();
  expect(survivor.parked).toEqual([{ job: 'poison', reason }]);
  expect(await fleet.parked()).toMatchObject([{ id: 'poison', reason }]);
});

test('R3: a leader’s poison job is parked, and its key goes on', async () => {
  const limits = { recoveryLimit: 1, led: true };
  await fleet.enqueue('a/1', 'a/2');
  for (const alone of [false, true]) {
    const victim = await fleet.node(limits);
    await victim.lead();
    expect(await victim.take()).toMatchObject({ id: 'a/1', alone });
    victim.kill();
    // A death is counted when it can be seen.
    const channel = fleet.keys.presenceOf(victim.incarnation);
    while ((await fleet.redis.pubsub('NUMSUB', channel))[1] !== 0);
  }
  const next = await fleet.node(limits);
  await next.lead();
  expect((await next.take()).id).toBe('a/2');
  expect(next.parked).toMatchObject([{ job: 'a/1' }]);
});

test('R3: a suspect that was only held when its process died is not blamed', async () => {
  const limits = { recoveryLimit: 1 };
  const survivor = await fleet.node(limits);
  await fleet.enqueue('suspect');
  await killed(survivor, 1, limits);
  const victim = await fleet.node(limits);
  await fleet.enqueue('other');
  const slots = [victim.take(), victim.take()] as const;
  // The suspect comes first, alone; it is handed back, and its process dies with it on the shelf.
  const alone = await slots[0];
  expect(alone).toMatchObject({ id: 'suspect', alone: true });
  await victim.lane.handBack(alone);
  expect(await Promise.race(slots)).toBe(alone);
  victim.kill();
  await victim.lane[Symbol.asyncDispose]();
  await Promise.race([slots[1].catch(() => undefined), fleet.recovered(survivor)]);
  while ((await fleet.held())[victim.incarnation]) await survivor.lane.recover();
  const seen: string[] = [];
  while (seen.length < 2) {
    const job = await survivor.take();
    seen.push(job.id);
    await survivor.lane.complete(job, done);
  }
  expect(seen.sort()).toEqual(['other', 'suspect']);
  expect(survivor.parked).toEqual([]);
});

test('C4: before a job is given up the ledger is asked: what was committed is completed', async () => {
  const asked: string[] = [];
  const committed = (job: FetchedJob): Promise<boolean> => {
    asked.push(job.id);
    return asked.length === 1 ? Promise.reject(new Error('no ledger')) : Promise.resolve(true);
  };
  const trouble: unknown[] = [];
  const onTrouble = (error: unknown): void => void trouble.push(error);
  const survivor = await fleet.node({ recoveryLimit: 1, committed, onTrouble });
  await fleet.enqueue('p-1', 'p-2');
  await killed(survivor, 2, { recoveryLimit: 1 });
  const job = await survivor.take();
  expect(job.id).toBe('p-2');
  while ((await fleet.length()) > 1);
  expect(asked).toEqual(['p-1', 'p-1']);
  expect(trouble).toHaveLength(1);
  expect([survivor.parked, await fleet.parked()]).toEqual([[], []]);
});
