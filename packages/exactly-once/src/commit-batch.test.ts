import { groupKeys } from '@understudy/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CommitOutcome, CommitRequest, Ledger } from './ledger.ts';
import { lossyLink, mintTerm, newGroup, request, TestStore } from './store.test-support.ts';

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.start();
});
afterAll(() => store[Symbol.asyncDispose]());

/** Commits all at once: the first goes alone, the others together. */
function commitAll(ledger: Ledger, requests: readonly CommitRequest[]) {
  return Promise.allSettled(
    [request({ job: 'first', key: null }), ...requests].map((one) => ledger.commit(one)),
  ).then((settled) => settled.slice(1));
}

function statusOf(outcome: PromiseSettledResult<CommitOutcome>): string {
  if (outcome.status === 'fulfilled') return outcome.value.status;
  return (outcome.reason as { code: string }).code;
}

/** How often the commit script was called since the last reset. */
async function calls(): Promise<number> {
  const stats = await store.observer().info('commandstats');
  return ['eval', 'evalsha'].reduce((sum, name) => {
    const found = new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1];
    return sum + Number(found ?? 0);
  }, 0);
}

test('C1: commits of one process that wait together travel together, and take effect in their order', async () => {
  const group = newGroup();
  const ledger = store.ledger({ group });
  await ledger.ready();
  await ledger.commit(request({ job: 'p-0' }));
  await store.observer().config('RESETSTAT');
  const jobs = Array.from({ length: 300 }, (_, i) => `p-${i + 1}`);
  const outcomes = await Promise.all(jobs.map((job) => ledger.commit(request({ job }))));
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['applied']));
  // Some dozen before the first is back, and the others.
  expect(await calls()).toBeLessThanOrEqual(4);
  const log = await store.observer().xrange(groupKeys(group).effects, '-', '+');
  expect(log.map(([, fields]) => fields[1])).toEqual(['p-0', ...jobs]);
  expect(outcomes).toEqual(
    log.slice(1).map(([position]) => expect.objectContaining({ position }) as unknown),
  );
});

test('C1: each request of a batch has its own outcome, and an error of one touches no other', async () => {
  const group = newGroup();
  const ledger = store.ledger({ group, capacity: 3 });
  await ledger.ready();
  await ledger.commit(request({ job: 'known' }));
  await store.observer().hset(groupKeys(group).balances, 'broken', 'no number');
  const broken = [
    { account: 'b', amountCents: 7 },
    { account: 'broken', amountCents: 7 },
  ];
  const outcomes = await commitAll(ledger, [
    request({ job: 'known' }),
    request({ job: 'known', digest: 'other' }),
    request({ job: 'fails', credits: broken }),
    request({ job: 'new' }),
    request({ job: 'new' }),
    request({ job: 'new', digest: 'other' }),
    request({ job: 'fenced', token: { epoch: 1, term: 't' } }),
    request({ job: 'last' }),
    request({ job: 'too-many' }),
    request({ job: 'keyless', key: null }),
  ]);
  expect(outcomes.map(statusOf)).toEqual([
    ...['duplicate', 'conflict', 'COMMIT_UNKNOWN', 'applied', 'duplicate', 'conflict'],
    ...['fenced', 'applied', 'capacity', 'applied'],
  ]);
  expect(await store.observer().hgetall(groupKeys(group).balances)).toEqual({
    ...{ 'a-1': '500', b: '0', broken: 'no number' },
  });
  expect(await ledger.lookup('fails')).toBeNull();
  // Once the balance can be booked, so can the job.
  await store.observer().hdel(groupKeys(group).balances, 'broken');
  expect(await ledger.lookup('known')).not.toBeNull();
});

test('L4: a batch of several terms is decided for each by its own token', async () => {
  const group = newGroup();
  const ledger = store.ledger({ group });
  const stale = await mintTerm(ledger, 't1');
  await ledger.commit(request({ job: 'p-1', token: stale }));
  const token = await mintTerm(ledger, 't2');
  const outcomes = await commitAll(ledger, [
    request({ job: 'p-1', token: stale }),
    request({ job: 'p-2', token: stale }),
    request({ job: 'p-2', token }),
    request({ job: 'p-3' }),
    request({ job: 'p-1', token }),
  ]);
  expect(outcomes.map((outcome) => outcome.status === 'fulfilled' && outcome.value)).toMatchObject([
    { status: 'duplicate', tokenCurrent: false },
    { status: 'fenced', reason: 'stale-token', currentEpoch: 2 },
    { status: 'applied' },
    { status: 'fenced', reason: 'token-required', currentEpoch: 2 },
    { status: 'duplicate', tokenCurrent: true },
  ]);
});

test('C3: a lost reply makes every commit of its batch unknown, and asked again each is known', async () => {
  const group = newGroup();
  await using link = await lossyLink(store.port);
  const ledger = store.ledger({ group, url: link.url });
  await ledger.ready();
  const first = await ledger.commit(request({ job: 'p-0' }));
  const after = first.status === 'applied' ? first.position : '';
  const jobs = ['p-1', 'p-2', 'p-3'];
  const redis = store.observer();
  const { effects } = groupKeys(group);
  link.loseReplies();
  const lost = Promise.allSettled(jobs.map((job) => ledger.commit(request({ job }))));
  // Asked right after an answer, they gather until its batch is settled, and go together.
  await redis.xread('BLOCK', 0, 'STREAMS', effects, after);
  link.cut();
  expect((await lost).map(statusOf)).toEqual(jobs.map(() => 'COMMIT_UNKNOWN'));
  await ledger.ready();
  const again = await Promise.all(jobs.map((job) => ledger.commit(request({ job }))));
  expect(again.map(({ status }) => status)).toEqual(jobs.map(() => 'duplicate'));
  expect(await redis.xlen(effects)).toBe(4);
});

test('L5: a commit that waited while the store restarted is refused: its term was minted at another run', async () => {
  const group = newGroup();
  const ledger = store.ledger({ group });
  const token = await mintTerm(ledger, 't1');
  await ledger.commit(request({ job: 'p-0', token }));
  const runId = ledger.runId;
  await store.restart();
  while (ledger.runId === undefined || ledger.runId === runId) {
    await new Promise<void>((resolve) => {
      const stop = ledger.onReady(() => {
        stop();
        resolve();
      });
    });
  }
  const outcomes = await commitAll(ledger, [
    request({ job: 'p-1', token }),
    request({ job: 'p-2', token }),
  ]);
  expect(outcomes.map(statusOf)).toEqual(['fenced', 'fenced']);
  expect(await store.observer().xlen(groupKeys(group).effects)).toBe(1);
});

test('a server that forgot its scripts is told the text, with a batch as with one', async () => {
  const group = newGroup();
  const ledger = store.ledger({ group });
  await ledger.ready();
  await ledger.commit(request({ job: 'p-0' }));
  await store.observer().script('FLUSH');
  const outcomes = await commitAll(
    ledger,
    ['p-1', 'p-2'].map((job) => request({ job })),
  );
  expect(outcomes.map(statusOf)).toEqual(['applied', 'applied']);
});

test('C1: many credits in a batch pass whatever limits the script has on arguments', async () => {
  const group = newGroup();
  const ledger = store.ledger({ group });
  await ledger.ready();
  const credits = Array.from({ length: 20_000 }, (_, i) => ({ account: `a-${i}`, amountCents: 1 }));
  const outcomes = await commitAll(ledger, [
    request({ job: 'p-1', credits }),
    request({ job: 'p-2', credits }),
  ]);
  expect(outcomes.map(statusOf)).toEqual(['applied', 'applied']);
  expect(await store.observer().hget(groupKeys(group).balances, 'a-19999')).toBe('2');
});
