import { loadScript, runScript, groupKeys } from '@understudy/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mintTerm, newGroup, request, TestStore } from './store.test-support.ts';

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.start();
});
afterAll(() => store[Symbol.asyncDispose]());

async function connected(group: string) {
  const ledger = store.ledger({ group });
  await ledger.ready();
  return ledger;
}

test('L3: the same mint called twice gives the same epoch', async () => {
  const ledger = await connected(newGroup());
  const { runId } = await ledger.readEpoch();
  const mint = { term: 't1', expected: 0, floor: 0, runId };
  expect(await ledger.mint(mint)).toEqual({ status: 'minted', epoch: 1 });
  expect(await ledger.mint(mint)).toEqual({ status: 'minted', epoch: 1 });
  expect(await ledger.readEpoch()).toEqual({ epoch: 1, term: 't1', runId });
});

test('L3: a late mint after a takeover does not unseat the rightful holder', async () => {
  const group = newGroup();
  const [late, leader] = [await connected(group), await connected(group)];
  const { epoch: expected, runId } = await late.readEpoch();
  const token = await mintTerm(leader, 'taken-over');
  const mint = { term: 'late', expected, floor: 0, runId };
  expect(await late.mint(mint)).toEqual({ status: 'mismatch', epoch: 1 });
  expect(await leader.commit(request({ job: 'p-1', token }))).toMatchObject({ status: 'applied' });
});

test('L3: a replayed mint of a term that was deposed does not make it current again', async () => {
  const group = newGroup();
  const [old, leader] = [await connected(group), await connected(group)];
  const { runId } = await old.readEpoch();
  const mint = { term: 'old', expected: 0, floor: 0, runId };
  await old.mint(mint);
  await mintTerm(leader, 'new');
  expect(await old.mint(mint)).toEqual({ status: 'mismatch', epoch: 2 });
  expect(await leader.readEpoch()).toMatchObject({ epoch: 2, term: 'new' });
});

test('L3: of two nodes that read the same epoch one becomes current', async () => {
  const group = newGroup();
  const [a, b] = [await connected(group), await connected(group)];
  const { runId } = await a.readEpoch();
  const outcomes = await Promise.all(
    [a, b].map((ledger, i) => ledger.mint({ term: `t${i}`, expected: 0, floor: 0, runId })),
  );
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['minted', 'mismatch']);
});

test('L5: the new epoch is above the highest one known anywhere', async () => {
  const ledger = await connected(newGroup());
  const { runId } = await ledger.readEpoch();
  const outcome = await ledger.mint({ term: 't', expected: 0, floor: 41, runId });
  expect(outcome).toEqual({ status: 'minted', epoch: 42 });
});

test('L5: a mint that relies on a reading of another run of the store is not sent', async () => {
  const group = newGroup();
  const ledger = await connected(group);
  const mint = { term: 't', expected: 0, floor: 0, runId: 'another' };
  expect(await ledger.mint(mint)).toEqual({ status: 'store-changed' });
  expect(await ledger.readEpoch()).toMatchObject({ epoch: 0, term: null });
});

test('L3: epochs stay exact far beyond what a script prints by default', async () => {
  const group = newGroup();
  const epoch = groupKeys(group).epoch;
  const mint = loadScript(new URL('./mint.lua', import.meta.url));
  const floor = 2 ** 52;
  expect(await runScript(store.observer(), mint, [epoch], ['t', 0, floor])).toEqual([1, floor + 1]);
  expect(await store.observer().hget(epoch, 'epoch')).toBe(String(floor + 1));
});
