import { groupKeys } from '@understudy/redis';
import { invariant } from '@understudy/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commitUntilKnown } from './commit-until-known.ts';
import type { FencingToken } from './fencing-token.ts';
import type { Ledger } from './ledger.ts';
import { lossyLink, mintTerm, newGroup, request, TestStore } from './store.test-support.ts';

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.start();
});
afterAll(() => store[Symbol.asyncDispose]());

/**
 * Commits a first job, so that the server knows the script, and returns what waits for the next
 * effect to be in the log, whoever hears of it.
 */
async function warmedUp(ledger: Ledger, group: string, token: FencingToken | null = null) {
  const outcome = await ledger.commit(request({ job: 'p-0', token }));
  invariant(outcome.status === 'applied', 'the first job is new');
  const { effects } = groupKeys(group);
  const redis = store.observer();
  return () => redis.xread('BLOCK', 0, 'STREAMS', effects, outcome.position);
}

test('C3: a commit whose reply was lost is unknown, and asking again tells that it was applied', async () => {
  const group = newGroup();
  await using link = await lossyLink(store.port);
  const ledger = store.ledger({ group, url: link.url });
  await ledger.ready();
  const nextEffect = await warmedUp(ledger, group);
  link.loseReplies();
  const outcome = expect(ledger.commit(request({ job: 'p-1' }))).rejects.toMatchObject({
    code: 'COMMIT_UNKNOWN',
    retriable: true,
  });
  await nextEffect();
  link.cut();
  await outcome;
  await ledger.ready();
  expect(await ledger.commit(request({ job: 'p-1' }))).toMatchObject({ status: 'duplicate' });
  expect(await store.observer().xlen(groupKeys(group).effects)).toBe(2);
});

test('L4: a lost reply reads back as applied, not as fenced, though the term was deposed meanwhile', async () => {
  const group = newGroup();
  await using link = await lossyLink(store.port);
  const ledger = store.ledger({ group, url: link.url });
  const token = await mintTerm(ledger, 't1');
  const nextEffect = await warmedUp(ledger, group, token);
  link.loseReplies();
  const { signal } = new AbortController();
  const outcome = commitUntilKnown(ledger, request({ job: 'p-1', token }), { signal });
  await nextEffect();
  await mintTerm(store.ledger({ group }), 't2');
  link.cut();
  expect(await outcome).toMatchObject({ status: 'duplicate', tokenCurrent: false });
  expect(await store.observer().xlen(groupKeys(group).effects)).toBe(2);
});

test('C3: a commit that cannot be sent is unknown at once and is not kept for later', async () => {
  const group = newGroup();
  const link = await lossyLink(store.port);
  const ledger = store.ledger({ group, url: link.url });
  await ledger.ready();
  await link[Symbol.asyncDispose]();
  await expect(ledger.commit(request({ job: 'p-1' }))).rejects.toMatchObject({
    code: 'COMMIT_UNKNOWN',
  });
  await expect(ledger.lookup('p-1')).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  expect(await store.observer().xlen(groupKeys(group).effects)).toBe(0);
});
