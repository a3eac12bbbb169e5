import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { groupKeys } from '@understudy/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Ledger } from './ledger.ts';
import { mintTerm, newGroup, request, TestStore } from './store.test-support.ts';

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.start();
});
afterAll(() => store[Symbol.asyncDispose]());

/** Resolves when `ledger` is connected to the run of the store that follows `runId`. */
async function reconnected(ledger: Ledger, runId: string): Promise<void> {
  if (ledger.runId !== undefined && ledger.runId !== runId) return;
  await new Promise<void>((resolve) => {
    const stop = ledger.onReady((found) => {
      if (found === runId) return;
      stop();
      resolve();
    });
  });
}

test('L5: after the store restarted empty stale commits are refused, and no epoch is given twice', async () => {
  const group = newGroup();
  const [old, next] = [store.ledger({ group }), store.ledger({ group })];
  const token = await mintTerm(old, 't1');
  await next.ready();
  const runId = old.runId ?? '';
  await store.restart();
  await Promise.all([old, next].map((ledger) => reconnected(ledger, runId)));
  expect(await old.commit(request({ job: 'p-1', token }))).toEqual({
    status: 'fenced',
    reason: 'store-changed',
    currentEpoch: 1,
  });
  const reading = await next.readEpoch();
  expect(reading).toMatchObject({ epoch: 0, term: null });
  // The lease knows of epoch 1 from the lock nodes and passes it on as the floor.
  const minted = await next.mint({ term: 't2', expected: 0, floor: 1, runId: reading.runId });
  expect(minted).toEqual({ status: 'minted', epoch: 2 });
  expect(await old.commit(request({ job: 'p-1', token }))).toMatchObject({ status: 'fenced' });
  expect(await store.observer().xlen(groupKeys(group).effects)).toBe(0);
});

test('L5: with an older snapshot, in which a deposed term is current, that term still cannot commit', async () => {
  const group = newGroup();
  const [deposed, leader] = [store.ledger({ group }), store.ledger({ group })];
  const first = await mintTerm(deposed, 't1');
  await store.observer().save();
  const dump = join(store.directory, 'dump.rdb');
  const older = join(store.directory, 'older.rdb');
  await copyFile(dump, older);
  const second = await mintTerm(leader, 't2');
  await leader.commit(request({ job: 'p-1', token: second }));
  const runId = leader.runId ?? '';
  await store.restart(() => copyFile(older, dump));
  await Promise.all([deposed, leader].map((ledger) => reconnected(ledger, runId)));
  // The store believes in the deposed term: only the bond to the run keeps it out.
  expect(await leader.readEpoch()).toMatchObject({ epoch: 1, term: 't1' });
  for (const [ledger, token] of [
    [deposed, first],
    [leader, second],
  ] as const) {
    const outcome = await ledger.commit(request({ job: 'p-2', token }));
    expect(outcome).toMatchObject({ status: 'fenced', reason: 'store-changed' });
  }
  const { epoch: expected, runId: now } = await leader.readEpoch();
  const minted = await leader.mint({ term: 't3', expected, floor: 2, runId: now });
  expect(minted).toEqual({ status: 'minted', epoch: 3 });
  const token = { epoch: 3, term: 't3' };
  // Lost with its effect: applying it again is right.
  expect(await leader.commit(request({ job: 'p-1', token }))).toMatchObject({ status: 'applied' });
  await rm(dump);
});

test('L5: the run is told at every connect, and nothing is sent to a store that is not there', async () => {
  const ledger = store.ledger({ group: newGroup() });
  const told: string[] = [];
  const stop = ledger.onReady((runId) => told.push(runId));
  await ledger.ready();
  const first = ledger.runId ?? '';
  await store.restart();
  await reconnected(ledger, first);
  stop();
  expect(told).toEqual([first, ledger.runId]);
  expect(ledger.runId).not.toBe(first);
});
