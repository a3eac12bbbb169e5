import { groupKeys, runScript } from '@understudy/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ledgerScripts } from './scripts.ts';
import { newGroup, request, TestStore } from './store.test-support.ts';

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.start();
});
afterAll(() => store[Symbol.asyncDispose]());

/** Makes the generations of `group` look `byMs` older than they are. */
async function age(group: string, byMs: number): Promise<void> {
  const { dedup } = groupKeys(group);
  const redis = store.observer();
  for (const field of ['opened', 'previous-opened', 'previous-closed']) {
    if (await redis.hexists(dedup, field)) await redis.hincrby(dedup, field, -byMs);
  }
}

/** The store's clock, in ms. */
async function now(): Promise<number> {
  const [seconds, micros] = await store.observer().time();
  return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
}

const WINDOW_MS = 60_000;

async function filled(group: string) {
  const ledger = store.ledger({ group, windowMs: WINDOW_MS });
  await ledger.ready();
  await ledger.commit(request({ job: 'old' }));
  await ledger.maintain(null);
  return ledger;
}

test('C2: a closed generation is kept until a window after the jobs that may need it', async () => {
  const group = newGroup();
  const ledger = await filled(group);
  await age(group, WINDOW_MS);
  expect(await ledger.maintain(null)).toEqual({ dropped: 0, rotated: true, keys: 1 });
  await ledger.commit(request({ job: 'new' }));
  // Nothing outstanding, but the window is not over.
  expect(await ledger.maintain(null)).toEqual({ dropped: 0, rotated: false, keys: 2 });
  await age(group, WINDOW_MS);
  // The window is over, but a job from before it may still be delivered.
  const outstanding = (await now()) - WINDOW_MS;
  expect(await ledger.maintain(outstanding - 5000)).toEqual({
    dropped: 0,
    rotated: false,
    keys: 2,
  });
  expect(await ledger.commit(request({ job: 'old' }))).toMatchObject({ status: 'duplicate' });
  expect(await ledger.maintain(null)).toEqual({ dropped: 1, rotated: true, keys: 1 });
  expect(await ledger.lookup('old')).toBeNull();
  expect(await ledger.commit(request({ job: 'new' }))).toMatchObject({ status: 'duplicate' });
});

test('C2: maintenance called twice, or late with an old reading, drops nothing more', async () => {
  const group = newGroup();
  const ledger = await filled(group);
  await age(group, WINDOW_MS);
  await ledger.maintain(null);
  expect(await ledger.maintain(null)).toEqual({ dropped: 0, rotated: false, keys: 1 });
  await age(group, WINDOW_MS * 2);
  expect(await ledger.maintain((await now()) - WINDOW_MS * 10)).toMatchObject({ dropped: 0 });
  expect(await ledger.lookup('old')).not.toBeNull();
});

test('C2: a generation that holds half the capacity is closed early', async () => {
  const group = newGroup();
  const ledger = store.ledger({ group, windowMs: WINDOW_MS, capacity: 4 });
  await ledger.ready();
  await ledger.commit(request({ job: 'p-1' }));
  expect(await ledger.maintain(null)).toEqual({ dropped: 0, rotated: false, keys: 1 });
  await ledger.commit(request({ job: 'p-2' }));
  expect(await ledger.maintain(null)).toEqual({ dropped: 0, rotated: true, keys: 2 });
  for (const job of ['p-3', 'p-4']) await ledger.commit(request({ job }));
  // Both generations count.
  expect(await ledger.commit(request({ job: 'p-5' }))).toEqual({ status: 'capacity', keys: 4 });
  await age(group, WINDOW_MS);
  expect(await ledger.maintain(null)).toEqual({ dropped: 2, rotated: true, keys: 2 });
  expect(await ledger.commit(request({ job: 'p-5' }))).toMatchObject({ status: 'applied' });
});

test('C2: maintenance of a group without keys does nothing', async () => {
  const ledger = store.ledger({ group: newGroup() });
  await ledger.ready();
  expect(await ledger.maintain(null)).toEqual({ dropped: 0, rotated: false, keys: 0 });
});

test('C2: a generation is deleted in parts, out of sight from the first, and whoever comes next goes on', async () => {
  const group = newGroup();
  const ledger = store.ledger({ group, windowMs: 0, bucketSize: 1 });
  await ledger.ready();
  const jobs = Array.from({ length: 12 }, (_, i) => `p-${i}`);
  await Promise.all(jobs.map((job) => ledger.commit(request({ job }))));
  await ledger.maintain(0);
  const redis = store.observer();
  const { dedup } = groupKeys(group);
  const buckets = async (): Promise<number> => (await redis.keys(`${dedup}:1:*`)).length;
  const before = await buckets();
  expect(before).toBeGreaterThan(4);
  // One who deletes a few buckets and dies.
  const args = ['', 0, 1000, 3];
  const reply = await runScript(redis, ledgerScripts.rotateKeys, [dedup], args);
  expect(reply).toEqual([12, 0, 12 - 3]);
  expect(await ledger.lookup('p-0')).toBeNull();
  expect(await ledger.commit(request({ job: 'p-0' }))).toMatchObject({ status: 'applied' });
  expect(await ledger.maintain(0)).toEqual({ dropped: 0, rotated: true, keys: 1 });
  expect(await buckets()).toBe(0);
  expect(await ledger.commit(request({ job: 'p-0' }))).toMatchObject({ status: 'duplicate' });
});

test('what is counted and kept outlives a restart of the store', async () => {
  const group = newGroup();
  const ledger = store.ledger({ group, capacity: 7, bucketSize: 2 });
  await ledger.ready();
  const jobs = Array.from({ length: 7 }, (_, i) => `p-${i}`);
  await Promise.all(jobs.map((job) => ledger.commit(request({ job }))));
  await store.observer().save();
  await store.restart();
  const later = store.ledger({ group, capacity: 7, bucketSize: 2 });
  await later.ready();
  const again = await Promise.all(jobs.map((job) => later.commit(request({ job }))));
  expect(new Set(again.map(({ status }) => status))).toEqual(new Set(['duplicate']));
  expect(await later.commit(request({ job: 'p-7' }))).toEqual({ status: 'capacity', keys: 7 });
});
