import { groupKeys } from '@understudy/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newGroup, request, TestStore } from './store.test-support.ts';

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.start();
});
afterAll(() => store[Symbol.asyncDispose]());

const KEPT_MS = 60_000;
/** A stream gives up whole nodes of so many entries. */
const NODE_ENTRIES = 100;

/** A log with some entries that are older than is kept, and one effect of now. */
async function aged(effectsKeptMs: number | undefined, old: number) {
  const group = newGroup();
  const key = groupKeys(group).effects;
  const redis = store.observer();
  const [seconds] = await redis.time();
  const agedMs = Number(seconds) * 1000 - KEPT_MS - 5000;
  for (let n = 0; n < old; n++) await redis.xadd(key, `${agedMs}-${n + 1}`, 'job', `old-${n}`);
  const ledger = store.ledger({ group, ...(effectsKeptMs === undefined ? {} : { effectsKeptMs }) });
  await ledger.ready();
  await ledger.commit(request({ job: 'new' }));
  const jobs = async (): Promise<string[]> =>
    (await redis.xrange(key, '-', '+')).map(([, fields]) => fields[1] ?? '');
  const forget = (): Promise<number> => redis.xtrim(key, 'MAXLEN', 0);
  return { ledger, jobs, forget };
}

test('effects older than they are kept leave the log at the next upkeep, and no others', async () => {
  const { ledger, jobs } = await aged(KEPT_MS, 3 * NODE_ENTRIES);
  await ledger.maintain(null);
  const left = await jobs();
  expect(left.length).toBeLessThanOrEqual(NODE_ENTRIES);
  expect(left.at(-1)).toBe('new');
});

test('a job whose effect has left the log is a duplicate all the same', async () => {
  const { ledger, jobs, forget } = await aged(KEPT_MS, 0);
  await forget();
  expect(await jobs()).toEqual([]);
  expect(await ledger.commit(request({ job: 'new' }))).toMatchObject({ status: 'duplicate' });
});

test('a ledger that is told nothing of an age keeps every effect', async () => {
  const { ledger, jobs } = await aged(undefined, 2 * NODE_ENTRIES);
  await ledger.maintain(null);
  expect(await jobs()).toHaveLength(2 * NODE_ENTRIES + 1);
});
