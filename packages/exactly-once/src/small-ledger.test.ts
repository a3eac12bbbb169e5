import { groupKeys } from '@understudy/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { smallLedgerKeys } from './small-ledger.ts';
import { mintTerm, newGroup, request, TestStore } from './store.test-support.ts';

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.start();
});
afterAll(() => store[Symbol.asyncDispose]());

test('the names of a small ledger are all that sixty commits leave behind', async () => {
  const group = newGroup();
  const ledger = store.ledger({ group });
  const token = await mintTerm(ledger, 't1');
  const jobs = Array.from({ length: 60 }, (_, i) => `p-${i}`);
  await Promise.all(jobs.map((job) => ledger.commit(request({ job, token }))));
  await ledger.maintain(null);
  const keys = groupKeys(group);
  const left = await store.observer().keys(`*{${group}}*`);
  expect(left.sort()).toEqual(smallLedgerKeys(keys).sort());
});
