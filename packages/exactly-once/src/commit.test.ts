import { groupKeys } from '@understudy/redis';
import { ManualTime } from '@understudy/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { InvalidCommit } from './errors.ts';
import { mintTerm, newGroup, request, TestStore } from './store.test-support.ts';

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.start();
});
afterAll(() => store[Symbol.asyncDispose]());

async function entries(group: string): Promise<Record<string, string>[]> {
  const log = await store.observer().xrange(groupKeys(group).effects, '-', '+');
  return log.map(([, flat]) =>
    Object.fromEntries(flat.flatMap((field, i) => (i % 2 ? [] : [[field, flat[i + 1] ?? '']]))),
  );
}

async function balances(group: string): Promise<Record<string, string>> {
  return store.observer().hgetall(groupKeys(group).balances);
}

test('C1: a commit books, appends and records its key in one step', async () => {
  const group = newGroup();
  const ledger = store.ledger({ group });
  const token = await mintTerm(ledger, 't1');
  const outcome = await ledger.commit(request({ job: 'p-1', token }));
  expect(outcome.status).toBe('applied');
  expect(await entries(group)).toEqual([
    {
      job: 'p-1',
      node: 'node-1',
      incarnation: 'i1',
      epoch: '1',
      term: 't1',
      key: 'p-1',
      account: 'a-1',
      amountCents: '100',
    },
  ]);
  expect(await balances(group)).toEqual({ 'a-1': '100' });
  const position = outcome.status === 'applied' ? outcome.position : '';
  expect(await ledger.lookup('p-1')).toEqual({ position });
  expect(await ledger.lookup('p-2')).toBeNull();
});

test('C1: an effect of several credits names no account and logs their sum', async () => {
  const group = newGroup();
  const ledger = store.ledger({ group });
  await ledger.ready();
  const credits = [
    { account: 'a', amountCents: 500 },
    { account: 'b', amountCents: -500 },
    { account: 'a', amountCents: 1 },
  ];
  await ledger.commit(request({ job: 'p-1', credits }));
  expect(await entries(group)).toEqual([
    { job: 'p-1', node: 'node-1', incarnation: 'i1', key: 'p-1', amountCents: '1' },
  ]);
  expect(await balances(group)).toEqual({ a: '501', b: '-500' });
});

test('C1: the same commit called twice takes effect once and tells the first position', async () => {
  const group = newGroup();
  const ledger = store.ledger({ group });
  const token = await mintTerm(ledger, 't1');
  const first = await ledger.commit(request({ job: 'p-1', token }));
  const again = await ledger.commit(request({ job: 'p-1', token }));
  const position = first.status === 'applied' ? first.position : '';
  expect(again).toEqual({ status: 'duplicate', position, tokenCurrent: true });
  expect(await entries(group)).toHaveLength(1);
  expect(await balances(group)).toEqual({ 'a-1': '100' });
});

test('C1: the same key with another input is a conflict and changes nothing', async () => {
  const group = newGroup();
  const ledger = store.ledger({ group });
  await ledger.ready();
  const first = await ledger.commit(request({ job: 'p-1' }));
  const other = await ledger.commit(request({ job: 'p-1', digest: 'other' }));
  const position = first.status === 'applied' ? first.position : '';
  expect(other).toEqual({ status: 'conflict', position });
  expect(await entries(group)).toHaveLength(1);
});

test('C1: a group that has epochs refuses a commit without one', async () => {
  const group = newGroup();
  const ledger = store.ledger({ group });
  const token = await mintTerm(ledger, 't1');
  expect(await ledger.commit(request({ job: 'p-1' }))).toEqual({
    status: 'fenced',
    reason: 'token-required',
    currentEpoch: 1,
  });
  await ledger.commit(request({ job: 'p-1', token }));
  expect(await ledger.commit(request({ job: 'p-1' }))).toMatchObject({
    status: 'duplicate',
    tokenCurrent: false,
  });
  expect(await entries(group)).toHaveLength(1);
});

test('L4: a stale fencing token is refused after a takeover, also when its commit comes late', async () => {
  const group = newGroup();
  const [zombie, leader] = [store.ledger({ group }), store.ledger({ group })];
  const stale = await mintTerm(zombie, 't1');
  const current = await mintTerm(leader, 't2');
  const refused = { status: 'fenced', reason: 'stale-token', currentEpoch: 2 };
  expect(await zombie.commit(request({ job: 'p-1', token: stale }))).toEqual(refused);
  expect(await zombie.commit(request({ job: 'p-1', token: stale }))).toEqual(refused);
  expect(await leader.commit(request({ job: 'p-1', token: current }))).toMatchObject({
    status: 'applied',
  });
  expect(await entries(group)).toMatchObject([{ job: 'p-1', epoch: '2', term: 't2' }]);
});

test('L4: the same epoch of another term is refused, as after a store forgot its epochs', async () => {
  const group = newGroup();
  const ledger = store.ledger({ group });
  const token = await mintTerm(ledger, 't1');
  await store.observer().hset(groupKeys(group).epoch, 'term', 'of another');
  expect(await ledger.commit(request({ job: 'p-1', token }))).toEqual({
    status: 'fenced',
    reason: 'stale-token',
    currentEpoch: 1,
  });
});

test('L4: what the zombie had committed reads back as applied, and its token as stale', async () => {
  const group = newGroup();
  const [zombie, leader] = [store.ledger({ group }), store.ledger({ group })];
  const stale = await mintTerm(zombie, 't1');
  await zombie.commit(request({ job: 'p-1', token: stale }));
  await mintTerm(leader, 't2');
  expect(await zombie.commit(request({ job: 'p-1', token: stale }))).toMatchObject({
    status: 'duplicate',
    tokenCurrent: false,
  });
});

test('C2: at capacity a commit fails closed, and what is known stays known', async () => {
  const group = newGroup();
  const ledger = store.ledger({ group, capacity: 2 });
  await ledger.ready();
  await ledger.commit(request({ job: 'p-1' }));
  await ledger.commit(request({ job: 'p-2' }));
  expect(await ledger.commit(request({ job: 'p-3' }))).toEqual({ status: 'capacity', keys: 2 });
  expect(await ledger.commit(request({ job: 'p-1' }))).toMatchObject({ status: 'duplicate' });
  expect(await entries(group)).toHaveLength(2);
  expect(await balances(group)).toEqual({ 'a-1': '200' });
});

test('C1: without a key nothing is remembered: the uncoordinated fleet takes effect twice', async () => {
  const group = newGroup();
  const ledger = store.ledger({ group });
  await ledger.ready();
  for (let i = 0; i < 2; i++) {
    const outcome = await ledger.commit(request({ job: 'p-1', key: null }));
    expect(outcome.status).toBe('applied');
  }
  const entry = { job: 'p-1', node: 'node-1', incarnation: 'i1', account: 'a-1' };
  expect(await entries(group)).toEqual([1, 2].map(() => ({ ...entry, amountCents: '100' })));
});

test('C1: a credit that cannot be booked takes back those booked before it', async () => {
  const group = newGroup();
  const ledger = store.ledger({ group });
  await ledger.ready();
  await store.observer().hset(groupKeys(group).balances, 'broken', 'no number');
  const credits = [
    { account: 'a', amountCents: 7 },
    { account: 'broken', amountCents: 7 },
  ];
  const outcome = ledger.commit(request({ job: 'p-1', credits }));
  await expect(outcome).rejects.toMatchObject({ code: 'COMMIT_UNKNOWN' });
  expect(await balances(group)).toEqual({ a: '0', broken: 'no number' });
  expect(await entries(group)).toEqual([]);
  expect(await ledger.lookup('p-1')).toBeNull();
});

test('a request that could never be applied is refused before it is sent', async () => {
  const ledger = store.ledger({ group: newGroup() });
  const cents = (amountCents: number) => [{ account: 'a', amountCents }];
  for (const wrong of [
    { credits: cents(0.5) },
    { credits: cents(Number.NaN) },
    { credits: [...cents(Number.MAX_SAFE_INTEGER), ...cents(1)] },
    { key: '' },
    { digest: '' },
    { token: { epoch: 0, term: 't' } },
  ]) {
    await expect(ledger.commit(request({ job: 'p-1', ...wrong }))).rejects.toThrow(InvalidCommit);
  }
  await expect(ledger.commit(request({ job: '' }))).rejects.toThrow(InvalidCommit);
});

test('L10: every answer of the store is noted, an error reply included', async () => {
  const group = newGroup();
  const clock = new ManualTime();
  const ledger = store.ledger({ group, clock });
  expect(ledger.lastAnswerMs).toBe(Number.NEGATIVE_INFINITY);
  await ledger.ready();
  expect(ledger.lastAnswerMs).toBe(0);
  clock.advance(10);
  await ledger.readEpoch();
  expect(ledger.lastAnswerMs).toBe(10);
  clock.advance(10);
  await store.observer().set(groupKeys(group).epoch, 'no hash');
  await expect(ledger.readEpoch()).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  expect(ledger.lastAnswerMs).toBe(20);
});
