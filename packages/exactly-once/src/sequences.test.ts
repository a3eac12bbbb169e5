import { groupKeys } from '@understudy/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { InvalidCommit } from './errors.ts';
import type { Ledger } from './ledger.ts';
import { newGroup, request, TestStore } from './store.test-support.ts';

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.start();
});
afterAll(() => store[Symbol.asyncDispose]());

const PAGE = 4096;

/** A commit of the job that `producer` gave this number. */
function numbered(number: number, producer = 'p') {
  return request({ job: `${producer}-${number}`, sequence: { producer, number } });
}

function commitAll(ledger: Ledger, numbers: readonly number[]): Promise<{ status: string }[]> {
  return Promise.all(numbers.map((number) => ledger.commit(numbered(number))));
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** The names under which anything is kept of the group's keys and producers. */
async function names(group: string): Promise<string[]> {
  const { dedup } = groupKeys(group);
  const found = await store.observer().keys(`${dedup}*`);
  return found.map((name) => name.slice(dedup.length)).sort();
}

test('a number of a producer takes effect once, and what is told of it names no position', async () => {
  const group = newGroup();
  const ledger = store.ledger({ group });
  await ledger.ready();
  expect(await ledger.commit(numbered(7))).toMatchObject({ status: 'applied' });
  const again = { status: 'duplicate', position: null, tokenCurrent: true };
  expect(await ledger.commit(numbered(7))).toEqual(again);
  // Another input is not noticed: of it nothing is remembered.
  expect(await ledger.commit({ ...numbered(7), digest: 'other' })).toEqual(again);
  expect(await ledger.commit(numbered(6))).toMatchObject({ status: 'applied' });
  expect(await ledger.commit(numbered(7, 'q'))).toMatchObject({ status: 'applied' });
  const sequence = { producer: 'p', number: 7 };
  expect(await ledger.lookup('p-7', sequence)).toEqual({ position: null });
  expect(await ledger.lookup('p-8', { ...sequence, number: 8 })).toBeNull();
  expect(await store.observer().xlen(groupKeys(group).effects)).toBe(3);
});

test('L4: a number that is known is a duplicate to a stale token too, and a new one is fenced', async () => {
  const ledger = store.ledger({ group: newGroup() });
  await ledger.ready();
  await ledger.commit(numbered(1));
  const token = { epoch: 1, term: 't' };
  const { runId } = await ledger.readEpoch();
  await ledger.mint({ term: 't', expected: 0, floor: 0, runId });
  expect(await ledger.commit(numbered(1))).toMatchObject({
    status: 'duplicate',
    tokenCurrent: false,
  });
  expect(await ledger.commit(numbered(2))).toMatchObject({ status: 'fenced' });
  expect(await ledger.commit({ ...numbered(2), token })).toMatchObject({ status: 'applied' });
});

test('without a key a number protects nothing: the uncoordinated fleet takes effect twice', async () => {
  const ledger = store.ledger({ group: newGroup() });
  await ledger.ready();
  for (let i = 0; i < 2; i++) {
    expect(await ledger.commit({ ...numbered(1), key: null })).toMatchObject({ status: 'applied' });
  }
});

test('of pages whose numbers were all applied nothing is left but a mark', async () => {
  const group = newGroup();
  const ledger = store.ledger({ group });
  await ledger.ready();
  await commitAll(ledger, upTo(3 * PAGE + 10));
  expect(await names(group)).toEqual(['', ':page:3:p', ':producers', ':sequence:p']);
  const replayed = await commitAll(ledger, [0, PAGE - 1, PAGE, 3 * PAGE - 1, 3 * PAGE + 9]);
  expect(new Set(replayed.map(({ status }) => status))).toEqual(new Set(['duplicate']));
  expect(await commitAll(ledger, [3 * PAGE + 10])).toMatchObject([{ status: 'applied' }]);
});

test('C2: a number that was passed over is applied when it comes, however late', async () => {
  const group = newGroup();
  const ledger = store.ledger({ group });
  await ledger.ready();
  const gaps = [3, 4000, PAGE, PAGE + 8];
  await commitAll(
    ledger,
    upTo(5 * PAGE).filter((number) => !gaps.includes(number)),
  );
  expect(await names(group)).toEqual(['', ':gaps:p', ':producers', ':sequence:p']);
  expect(await commitAll(ledger, gaps)).toMatchObject(gaps.map(() => ({ status: 'applied' })));
  expect(await commitAll(ledger, gaps)).toMatchObject(gaps.map(() => ({ status: 'duplicate' })));
  expect(await names(group)).toEqual(['', ':producers', ':sequence:p']);
});

test('C2: numbers far apart stay bits, count as the room they take, and fail closed at capacity', async () => {
  const group = newGroup();
  const ledger = store.ledger({ group, capacity: 40 });
  await ledger.ready();
  const numbers = [0, 10 * PAGE, 20 * PAGE, 30 * PAGE];
  expect(await commitAll(ledger, numbers)).toMatchObject([
    { status: 'applied' },
    { status: 'applied' },
    { status: 'applied' },
    { status: 'capacity', keys: 48 },
  ]);
  expect(await commitAll(ledger, numbers.slice(0, 3))).toMatchObject(
    numbers.slice(0, 3).map(() => ({ status: 'duplicate' })),
  );
});

test('C2: a producer is forgotten a window after its last number, and not while a job of then is there', async () => {
  const group = newGroup();
  const windowMs = 60_000;
  const ledger = store.ledger({ group, windowMs });
  await ledger.ready();
  await commitAll(ledger, [1, 2, 3]);
  await ledger.commit(numbered(1, 'q'));
  const { dedup } = groupKeys(group);
  const redis = store.observer();
  expect((await ledger.maintain(null)).keys).toBe(32);
  // As if a window had passed since p's last number.
  const lastMs = Number(await redis.zscore(`${dedup}:producers`, 'p')) - windowMs;
  await redis.zadd(`${dedup}:producers`, lastMs, 'p');
  await ledger.maintain(lastMs + windowMs - 1);
  expect(await commitAll(ledger, [1])).toMatchObject([{ status: 'duplicate' }]);
  expect((await ledger.maintain(null)).keys).toBe(16);
  expect(await names(group)).toEqual(['', ':page:0:q', ':producers', ':sequence:q']);
  expect(await ledger.lookup('p-1', { producer: 'p', number: 1 })).toBeNull();
});

test('a producer or a number that cannot be is refused before it is sent', async () => {
  const ledger = store.ledger({ group: newGroup() });
  for (const sequence of [
    { producer: '', number: 1 },
    { producer: 'p', number: -1 },
    { producer: 'p', number: 0.5 },
    { producer: 'p', number: 2 ** 53 },
  ]) {
    await expect(ledger.commit(request({ job: 'j', sequence }))).rejects.toThrow(InvalidCommit);
  }
});

test('the largest number that can be is remembered as what it is', async () => {
  const ledger = store.ledger({ group: newGroup() });
  await ledger.ready();
  const largest = Number.MAX_SAFE_INTEGER;
  expect(await commitAll(ledger, [largest, largest - 1, largest])).toMatchObject([
    { status: 'applied' },
    { status: 'applied' },
    { status: 'duplicate' },
  ]);
});
