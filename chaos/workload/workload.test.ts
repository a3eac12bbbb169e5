import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OperationBody } from '@understudy/history';
import {
  connect,
  findRedisServer,
  groupKeys,
  launchRedisServer,
  type RedisServer,
} from '@understudy/redis';
import { invariant, seededPrng, systemClock, systemTimers } from '@understudy/runtime';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { EffectLogTrimmed } from '../errors.ts';
import { Progress } from '../runner/progress.ts';
import { bullmqEnqueuer } from './bullmq-enqueuer.ts';
import { EffectLog, logEnd } from './effect-log.ts';
import { planEnqueues } from './enqueue-plan.ts';
import { produce } from './producer.ts';
import { QueueContents } from './queue-contents.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const GROUP = 'workload-test';
const keys = groupKeys(GROUP);
const QUEUE = 'payments';
const jobs = Array.from({ length: 60 }, (_, i) => ({
  id: `p-${i}`,
  account: 'a-1',
  amountCents: i,
}));

let directory: string;
let server: RedisServer;
let redis: Redis;
let operations: OperationBody[];
let progress: Progress;

const found = findRedisServer(ROOT, process.env);
const start = (port?: number): Promise<RedisServer> => {
  invariant(found, 'setup has found a redis-server');
  const data = mkdtempSync(join(directory, 'redis-'));
  const where = port === undefined ? {} : { port };
  return launchRedisServer({ executable: found.path, directory: data, ...where });
};
const record = (body: OperationBody): void => {
  operations.push(body);
  progress.observe({ seq: operations.length, at: 0, ...body });
};
const target = (): { url: string; queue: string; prefix: string } => ({
  url: server.url,
  queue: QUEUE,
  prefix: keys.queuePrefix,
});
const produceAll = (
  planned: ReturnType<typeof planEnqueues>,
  rate: number | 'max',
  { url = server.url, inOrder = false } = {},
): Promise<void> =>
  produce(planned, {
    enqueuer: bullmqEnqueuer({ ...target(), url }),
    rate,
    inOrder,
    record,
    signal: new AbortController().signal,
    clock: systemClock,
    timers: systemTimers,
  });
const add = (job: string): Promise<string | null> =>
  redis.xadd(keys.effects, '*', 'job', job, 'node', 'node-1');
const effects = (): { job: string; position: number; source: string }[] =>
  operations
    .filter((operation) => operation.op === 'effect')
    .map(({ job, position, source }) => ({ job, position, source }));

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'understudy-workload-'));
  server = await start();
  redis = connect(server.url, { purpose: 'observe', name: 'test' });
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
  rmSync(directory, { recursive: true });
});
beforeEach(() => {
  operations = [];
  progress = new Progress(systemTimers);
});
afterEach(async () => {
  await redis.flushall();
});

test('every job is in the queue under its own id, the copies a second time', async () => {
  await produceAll(planEnqueues(jobs, 0.05, seededPrng(1)), 2000);
  const ok = operations.filter(({ op, type }) => op === 'enqueue' && type === 'ok');
  expect(ok).toHaveLength(63);
  expect(operations.filter(({ type }) => type === 'invoke')).toHaveLength(63);
  const ids = await redis.lrange(`${keys.queuePrefix}:${QUEUE}:wait`, 0, -1);
  const hashes = await Promise.all(
    ids.map((id) => redis.hgetall(`${keys.queuePrefix}:${QUEUE}:${id}`)),
  );
  expect(new Set(hashes.map(({ name }) => name))).toEqual(new Set(['job']));
  const data = hashes.map((hash) => JSON.parse(hash.data ?? '') as { id: string });
  expect(new Set(data.map(({ id }) => id)).size).toBe(60);
  expect(data).toHaveLength(63);
  expect(data.find(({ id }) => id === 'p-7')).toEqual(jobs[7]);
});

test('in order, no job is sent before the one before it of its account is answered', async () => {
  const ofTwo = jobs.map((job, i) => ({ ...job, account: `a-${i % 2}` }));
  await produceAll(planEnqueues(ofTwo, 0.05, seededPrng(1)), 'max', { inOrder: true });
  const underWay = new Set<string>();
  let most = 0;
  for (const operation of operations) {
    if (operation.op !== 'enqueue') continue;
    const { account } = ofTwo.find(({ id }) => id === operation.job) ?? {};
    invariant(account, 'every job is one of these');
    if (operation.type === 'invoke') expect(underWay).not.toContain(account);
    if (operation.type === 'invoke') underWay.add(account);
    else underWay.delete(account);
    most = Math.max(most, underWay.size);
  }
  // Accounts do not wait for each other.
  expect(most).toBe(2);
  expect(operations.filter(({ type }) => type === 'ok')).toHaveLength(63);
});

test('an invocation is recorded before its acknowledgement, with account and amount', async () => {
  await produceAll(planEnqueues(jobs.slice(0, 1), 0, seededPrng(1)), 'max');
  expect(operations).toEqual([
    {
      op: 'enqueue',
      type: 'invoke',
      process: 'producer-1',
      job: 'p-0',
      key: 'p-0',
      account: 'a-1',
      amountCents: 0,
    },
    { op: 'enqueue', type: 'ok', process: 'producer-1', job: 'p-0', key: 'p-0' },
  ]);
});

test('an enqueue that a full Redis refuses has failed, and those that follow have not', async () => {
  await redis.config('SET', 'maxmemory', '1');
  const answers = (): OperationBody[] => operations.filter(({ type }) => type !== 'invoke');
  // Enough for a second: some are left when the answers are known.
  const many = Array.from({ length: 2000 }, (_, i) => ({ ...jobs[0]!, id: `p-${i}` }));
  const produced = produceAll(planEnqueues(many, 0, seededPrng(1)), 2000);
  await progress.until(() => answers().length > 1, { limitMs: 5000 });
  await redis.config('SET', 'maxmemory', '0');
  await produced;
  const refused = answers().filter(({ type }) => type === 'fail');
  const taken = answers().filter(({ type }) => type === 'ok');
  expect(refused[0]).toMatchObject({ job: 'p-0', error: expect.stringContaining('OOM') });
  expect(refused.length + taken.length).toBe(many.length);
  expect(await redis.llen(`${keys.queuePrefix}:${QUEUE}:wait`)).toBe(taken.length);
  expect(taken.length).toBeGreaterThan(0);
});

test('an enqueue whose answer died with the server is of unknown outcome; the next ones wait for it', async () => {
  const first = await start();
  const produced = produceAll(planEnqueues(jobs, 0, seededPrng(1)), 500, { url: first.url });
  const count = (type: string): number => operations.filter((o) => o.type === type).length;
  await progress.until(() => count('ok') > 0, { limitMs: 5000 });
  first.child.kill('SIGSTOP');
  await progress.until(() => count('invoke') > count('ok'), { limitMs: 5000 });
  first.child.kill('SIGKILL');
  await first.exited;
  await progress.until(() => count('info') > 0, { limitMs: 5000 });
  await using _second = await start(first.port);
  await produced;
  expect(count('fail')).toBe(0);
  expect(count('ok') + count('info')).toBe(jobs.length);
  expect(operations.at(-1)).toMatchObject({ type: 'ok' });
});

test('effects are recorded as they happen, and the read at the end adds nothing', async () => {
  await using log = new EffectLog({
    ...target(),
    stream: keys.effects,
    record,
    timers: systemTimers,
  });
  await add('a');
  await add('b');
  expect(await progress.until(() => progress.effects === 2, { limitMs: 5000 })).toBe(true);
  expect(await log.finish()).toEqual({ entriesAdded: 2, entriesRead: 2 });
  expect(effects()).toEqual([
    { job: 'a', position: 1, source: 'live' },
    { job: 'b', position: 2, source: 'live' },
  ]);
});

test('an effect that only the read at the end finds is recorded as such', async () => {
  for (let i = 0; i < 1500; i++) void add(`p-${i}`);
  await redis.ping();
  const log = new EffectLog({ ...target(), stream: keys.effects, record, timers: systemTimers });
  await using _log = log;
  expect(await log.finish()).toEqual({ entriesAdded: 1500, entriesRead: 1500 });
  expect(effects().map(({ position }) => position)).toEqual(
    Array.from({ length: 1500 }, (_, i) => i + 1),
  );
  expect(effects().at(-1)).toEqual({ job: 'p-1499', position: 1500, source: 'final' });
});

test('an effect that was seen and is gone at the end is recorded as vanished', async () => {
  await using log = new EffectLog({
    ...target(),
    stream: keys.effects,
    record,
    timers: systemTimers,
  });
  const id = await add('a');
  await add('b');
  await progress.until(() => progress.effects === 2, { limitMs: 5000 });
  await redis.xdel(keys.effects, String(id));
  expect(await log.finish()).toEqual({ entriesAdded: 2, entriesRead: 1 });
  expect(operations.filter(({ op }) => op === 'vanished')).toEqual([
    { op: 'vanished', type: 'info', process: 'ledger', job: 'a', id, position: 1 },
  ]);
});

test('a log that was never written has no entries', async () => {
  await using log = new EffectLog({
    ...target(),
    stream: keys.effects,
    record,
    timers: systemTimers,
  });
  expect(await log.finish()).toEqual({ entriesAdded: 0, entriesRead: 0 });
});

test('of a log that others use too the run’s own entries are told, from where it began', async () => {
  for (const job of ['own:from-an-earlier-run', 'p-1']) await add(job);
  const isOwn = (job: string): boolean => job.startsWith('own:');
  await using log = new EffectLog({
    ...{ ...target(), stream: keys.effects, record, timers: systemTimers },
    shared: { from: await logEnd(redis, keys.effects), isOwn },
  });
  for (const job of ['own:p-1', 'p-2', 'own:p-2']) await add(job);
  await progress.until(() => progress.effects === 2, { limitMs: 5000 });
  await add('p-3');
  expect(await log.finish()).toEqual({ entriesAdded: 4, entriesRead: 4, entriesOfOthers: 2 });
  expect(effects().map(({ job, position }) => [job, position])).toEqual([
    ['own:p-1', 1],
    ['own:p-2', 2],
  ]);
});

test('an own entry that others’ writing does not hide is missed when it is gone', async () => {
  const shared = { from: await logEnd(redis, keys.effects), isOwn: (job: string) => job === 'own' };
  const stream = keys.effects;
  await using log = new EffectLog({ ...target(), stream, record, shared, timers: systemTimers });
  const id = (await add('own')) ?? '';
  await add('p-1');
  await progress.until(() => progress.effects === 1, { limitMs: 5000 });
  await redis.xdel(keys.effects, id);
  expect(await log.finish()).toEqual({ entriesAdded: 2, entriesRead: 1, entriesOfOthers: 1 });
  expect(operations.at(-1)).toMatchObject({ op: 'vanished', job: 'own' });
});

test('a log that was cut off beyond where the run began has no end to be told of', async () => {
  for (const job of ['own', 'p-1']) await add(job);
  const shared = { from: await logEnd(redis, keys.effects), isOwn: (job: string) => job === 'own' };
  const stream = keys.effects;
  await using log = new EffectLog({ ...target(), stream, record, shared, timers: systemTimers });
  for (const job of ['own', 'p-2']) await add(job);
  await progress.until(() => progress.effects === 1, { limitMs: 5000 });
  // What was there before the run may go.
  await redis.xtrim(stream, 'MAXLEN', 2);
  expect(await log.finish()).toMatchObject({ entriesAdded: 2, entriesRead: 2 });
  await redis.xtrim(stream, 'MAXLEN', 1);
  await expect(log.finish()).rejects.toThrow(EffectLogTrimmed);
});

test('what others left in the queue is neither waited for nor told', async () => {
  const own = jobs.slice(0, 2).map((job) => ({ ...job, id: `own:${job.id}` }));
  await produceAll(planEnqueues([...own, ...jobs.slice(2, 9)], 0, seededPrng(1)), 'max');
  const isOwn = (id: string): boolean => id.startsWith('own:');
  await using queue = new QueueContents({ ...target(), group: GROUP, isOwn });
  await queue.ready(AbortSignal.timeout(5000));
  expect(await queue.outstanding()).toBe(2);
  expect((await queue.rest()).pendingJobs?.toSorted()).toEqual(['own:p-0', 'own:p-1']);
});

test('a job that goes to and fro while the queue is read is seen somewhere, each time', async () => {
  await produceAll(planEnqueues(jobs.slice(0, 1), 0, seededPrng(1)), 'max');
  const key = (name: string): string => `${keys.queuePrefix}:${QUEUE}:${name}`;
  const [wait, active] = [key('wait'), key('active')];
  await using contents = new QueueContents({ ...target(), group: GROUP });
  await contents.ready(new AbortController().signal);
  // As fast as it can be: fetched, given back, fetched.
  const moves = `for i = 1, 201 do redis.call('lmove', KEYS[1], KEYS[2], 'LEFT', 'LEFT')
    KEYS[1], KEYS[2] = KEYS[2], KEYS[1] end`;
  const over = new AbortController();
  const moving = (async () => {
    for (let i = 0; !over.signal.aborted; i++) {
      await redis.eval(moves, 2, ...(i % 2 === 0 ? [wait, active] : [active, wait]));
    }
  })();
  for (let i = 0; i < 300; i++) {
    expect((await contents.rest()).pendingJobs, `reading ${i}`).toEqual(['p-0']);
  }
  over.abort();
  await moving;
});

test('a store that comes back empty is noticed as restarted and as regressed', async () => {
  const first = await start();
  const log = new EffectLog({
    url: first.url,
    stream: keys.effects,
    record,
    timers: systemTimers,
  });
  await using _log = log;
  const writer = connect(first.url, { purpose: 'observe', name: 'test' });
  await writer.xadd(keys.effects, '*', 'job', 'a', 'node', 'node-1');
  await progress.until(() => progress.effects === 1, { limitMs: 5000 });
  await first.stop();
  await using _second = await start(first.port);
  const events = (): string[] =>
    operations.flatMap((operation) => (operation.op === 'store' ? [operation.event] : []));
  await progress.until(() => events().length === 2, { limitMs: 5000 });
  writer.disconnect();
  expect(events()).toEqual(['restarted', 'regressed']);
});

test('what is left in the queue is told by the ids of the payments, whatever state it is in', async () => {
  await produceAll(planEnqueues(jobs.slice(0, 4), 0, seededPrng(1)), 'max');
  const key = (name: string): string => `${keys.queuePrefix}:${QUEUE}:${name}`;
  const ids = (await redis.lrange(key('wait'), 0, -1)).reverse();
  await redis.lrem(key('wait'), 1, String(ids[1]));
  await redis.zadd(key('failed'), 1, String(ids[1]));
  await redis.lmove(key('wait'), key('active'), 'RIGHT', 'LEFT');
  await redis.hset(key('99'), 'data', 'not JSON');
  await redis.lpush(key('wait'), '99');
  await redis.hset(keys.balances, 'a-1', 250);
  await using contents = new QueueContents({ ...target(), group: GROUP });
  await contents.ready(new AbortController().signal);
  expect(await contents.outstanding()).toBe(4);
  const { counts, pendingJobs, parkedJobs, balances } = await contents.rest();
  expect(counts).toMatchObject({ waiting: 3, active: 1, failed: 1, completed: 0 });
  expect(new Set(pendingJobs)).toEqual(new Set(['p-0', 'p-2', 'p-3', '(queue id 99)']));
  expect(parkedJobs).toEqual(['p-1']);
  expect(balances).toEqual({ 'a-1': 250 });
});
